// What browsers run, too: no Buffer, nothing of Node.
export * from './random-id.js';
export * from './web-random.js';
export type { RandomBytes } from './random.js';
