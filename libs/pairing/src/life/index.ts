export * from './attestation.js';
export * from './rekey.js';
