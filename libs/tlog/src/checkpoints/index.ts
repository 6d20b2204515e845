export * from './checkpoint.js';
export * from './open-checkpoint.js';
