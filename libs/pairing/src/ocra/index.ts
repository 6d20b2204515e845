export * from './question-digest.js';
