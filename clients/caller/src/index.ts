export { Failure, Failures, type FailureCode } from '@countersign/contracts';
export * from './caller.js';
export * from './methods.js';
