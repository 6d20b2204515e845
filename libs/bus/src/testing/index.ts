export * from './kept-log.js';
export * from './start-nats.js';
