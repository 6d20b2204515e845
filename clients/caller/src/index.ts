export { Failure, Failures, type FailureCode } from '@countersign/contracts';
export * from './caller.js';
export * from './methods.js';
export * from './offline/codes-file.js';
export * from './offline/offline-codes.js';
export * from './open-code.js';
