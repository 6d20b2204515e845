export * from './attempt.js';
export * from './budget.js';
export * from './change.js';
export { fits } from './eligible.js';
export * from './event.js';
export * from './judge.js';
export * from './state.js';
export * from './window.js';
