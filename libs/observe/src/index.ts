export * from './health.js';
export * from './listener.js';
export * from './metrics.js';
export * from './tracing.js';
