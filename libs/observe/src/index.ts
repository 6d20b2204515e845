export * from './health.js';
export * from './listener.js';
export * from './metrics.js';
