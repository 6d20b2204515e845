export * from './bus-module.js';
export * from './bus-server.js';
export * from './failure-filter.js';
export * from './message-context.js';
export * from './nest-log.js';
export * from './run-service.js';
export * from './valid-message.js';
