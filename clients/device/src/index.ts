export * from './device-file-error.js';
export type { DeviceDescription } from './device-file.js';
export * from './software-device.js';
