export * from './formats.js';
export * from './keys.js';
export * from './read.js';
export * from './token-file-error.js';
export * from './token-line.js';
