export * from './data-input.js';
export * from './question.js';
export * from './suite.js';
