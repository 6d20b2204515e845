export {
  callerCredentials,
  callerFor,
  natsServerOf,
  natsServersOf,
  planOf,
  type CallerCredentials,
} from './credentials.js';
export * from './callers/callers.js';
export type { Proof } from './callers/proof.js';
export { livingChildren, type ChildRecord } from './children.js';
export { askServices, livingServices, type LivingService } from './discovery.js';
export { DEFAULT_FOLDER, StateFolder } from './folder.js';
export { AUDIT_ORIGIN, auditKey, holdCeremony, publicKeys } from './hsm.js';
export { publicNkeyIn } from './identities.js';
export { renewCertificates } from './tls/renew.js';
export { AlreadyUp, holderOf } from './lock.js';
export type { Network } from './cluster/network.js';
export { addressOf, type ServerPlace, type ServerPlaces, type Topology } from './cluster/places.js';
export { MASTER_NAME } from './cluster/sentinel.js';
export { connectAs, natsConfig } from './nats.js';
export { freePort } from './ports.js';
export { DEV_CALLERS, DEV_TENANTS, placesOf, readPlan, type Plan, type TenantWish } from './plan.js';
export type { PlatformOptions, StartOptions } from './options.js';
export { Platform } from './platform.js';
export { ROOT } from './root.js';
export { RESTARTS, type Program, type RestartPolicy } from './program.js';
export { preparedPlatform } from './prepared.js';
export { pinRecipient, recipientNames, unpinRecipient } from './recipients.js';
export { expiryOf, heldCertificates, makeCertificates, type Held } from './tls/certificates.js';
export { askRedis, connectRedis, redisConfig, REDIS_USER } from './redis.js';
export { libraryVariables, readServers, type Servers } from './runtime.js';
export { SupervisedProcess, type ProcessState } from './supervised.js';
