// What browsers run, too: no node:crypto, no Buffer. All of it is in the index as well.
export * from './answered.js';
export * from './base64url-bytes.js';
export * from './by-pin/index.js';
export * from './canonical-bytes.js';
export * from './hidden.js';
export * from './invitation/index.js';
export * from './life/index.js';
export * from './ocra/index.js';
export * from './pairing-error.js';
export * from './portable/index.js';
export * from './spake2plus/index.js';
export * from './transcript-bytes.js';
export * from './two-step/index.js';
export type { Exchange } from './enrolment.js';
export type { PairedParameters, PairedProfile, PairedSheet } from './transcript.js';
