export * from './documents.js';
export type { Schema, Schemas } from './schema.js';
