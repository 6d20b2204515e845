export * from './device-end.js';
export * from './messages.js';
export * from './pin.js';
export * from './platform-end.js';
export { checkProfile } from './terms.js';
export type { PairingSession } from './terms.js';
