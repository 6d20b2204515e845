// All of it runs in browsers, too.
export * from './recipient.js';
export * from './recipient-key.js';
export * from './seal.js';
export * from './sealed-codes.js';
export * from './sealing-error.js';
