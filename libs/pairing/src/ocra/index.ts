export * from './question-digest.js';
export * from './signed-digest.js';
