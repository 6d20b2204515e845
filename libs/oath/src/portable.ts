// What browsers run, too: no Buffer, nothing of Node. The MAC itself is the browser's, which can hold a key that no script
// can read.
export * from './algorithm.js';
export * from './base32-bytes.js';
export * from './factor-bytes.js';
export * from './ocra/index.js';
export * from './otpauth-reading.js';
export * from './recovery-code.js';
export * from './time-step.js';
export * from './truncate.js';
