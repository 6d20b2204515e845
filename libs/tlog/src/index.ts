export * from './tlog-error.js';
export * from './hashing/index.js';
export * from './tree/index.js';
export * from './proofs/index.js';
export * from './tiles/index.js';
export * from './notes/index.js';
export * from './checkpoints/index.js';
export * from './cosignatures/index.js';
