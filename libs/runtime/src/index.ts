export * from './clock.js';
export * from './config.js';
export * from './log.js';
export * from './random.js';
export * from './random-id.js';
export * from './secret.js';
