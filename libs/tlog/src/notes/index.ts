export * from './key-id.js';
export * from './note.js';
export * from './open-note.js';
export * from './sign-note.js';
export { formatVerifierKey, parseVerifierKey, verifierKey } from './verifier-key.js';
export type { VerifierKey } from './verifier-key.js';
