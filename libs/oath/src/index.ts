export * from './algorithm.js';
export * from './base32.js';
export * from './code.js';
export * from './moving-factor.js';
export * from './otpauth.js';
export * from './seed.js';
export * from './truncate.js';
