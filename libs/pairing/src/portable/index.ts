export * from './exchange.js';
export * from './signature.js';
