export * from './cosignature.js';
export * from './verifier-of.js';
