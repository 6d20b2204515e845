export * from './prover.js';
export * from './registration.js';
export * from './scrypt.js';
export * from './verifier.js';
export type { Terms } from './key-schedule.js';
