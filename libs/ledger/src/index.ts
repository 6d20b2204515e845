export { type Appended } from './appender.js';
export * from './directory/account-names.js';
export * from './directory/canonical-name.js';
export * from './directory/directory.js';
export * from './directory/tenants.js';
export * from './ledger.js';
export * from './policies.js';
export { releaseFailure, CLUSTER_RELEASE } from './premises.js';
export { type Message } from './stream-reader.js';
