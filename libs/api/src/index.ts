export type * from './async-api.js';
export * from './breaks.js';
export * from './documents.js';
export type * from './event-schema.js';
export type * from './schema.js';
