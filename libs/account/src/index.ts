export * from './budget.js';
export * from './change.js';
export * from './event.js';
export * from './judge.js';
export * from './state.js';
export * from './window.js';
