export * from './phone-part.js';
export * from './seed.js';
export * from './terms.js';
export * from './uri.js';
