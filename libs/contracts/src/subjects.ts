import { Failure } from './failure.js';
import { parseCaller, parseTenant, type Caller, type Tenant } from './names.js';

export const SERVICES = ['enrollment', 'key-derivation', 'verification', 'audit', 'delivery'] as const;
export type ServiceName = (typeof SERVICES)[number];

export const ROLES = ['verifier', 'enroller', 'operator', 'auditor', 'gateway', 'courier'] as const;
export type Role = (typeof ROLES)[number];

interface VerbRule {
  service: ServiceName;
  roles: readonly Role[];
  /** asked of the one replica that holds what the question is about: its name is the subject's last token */
  perReplica?: true;
}

/** Every question a caller can ask: who answers it, and which roles may ask. The only list of verbs. */
export const VERBS = {
  verify: { service: 'verification', roles: ['verifier'] },
  'device.confirm': { service: 'verification', roles: ['enroller', 'operator', 'gateway'] },
  'rekey.confirm': { service: 'verification', roles: ['enroller', 'operator', 'gateway'] },
  resync: { service: 'verification', roles: ['verifier'] },
  recover: { service: 'verification', roles: ['verifier'] },
  'sheet.verify': { service: 'verification', roles: ['verifier'] },
  'challenge.issue': { service: 'verification', roles: ['verifier'] },
  'challenge.verify': { service: 'verification', roles: ['verifier'] },
  'challenge.send': { service: 'verification', roles: ['verifier'] },
  'challenge.cancel': { service: 'verification', roles: ['verifier'] },
  'account.unlock': { service: 'verification', roles: ['operator'] },
  'account.create': { service: 'enrollment', roles: ['enroller', 'operator'] },
  'account.get': { service: 'enrollment', roles: ['enroller', 'operator'] },
  'account.names': { service: 'enrollment', roles: ['enroller', 'operator'] },
  'enroll.exchange': { service: 'enrollment', roles: ['enroller', 'operator'] },
  'activation.issue': { service: 'enrollment', roles: ['enroller', 'operator'] },
  'activation.redeem': { service: 'enrollment', roles: ['enroller', 'operator', 'gateway'] },
  'recovery.issue': { service: 'enrollment', roles: ['enroller', 'operator'] },
  'sheet.issue': { service: 'enrollment', roles: ['enroller', 'operator'] },
  'pair.open': { service: 'enrollment', roles: ['enroller', 'operator'] },
  'pair.share': { service: 'enrollment', roles: ['enroller', 'operator', 'gateway'], perReplica: true },
  'pair.confirm': { service: 'enrollment', roles: ['enroller', 'operator', 'gateway'], perReplica: true },
  'rekey.begin': { service: 'enrollment', roles: ['enroller', 'operator', 'gateway'] },
  'device.attest': { service: 'enrollment', roles: ['enroller', 'operator', 'gateway'] },
  'device.replace': { service: 'enrollment', roles: ['enroller', 'operator'] },
  'device.list': { service: 'enrollment', roles: ['enroller', 'operator'] },
  'device.disable': { service: 'enrollment', roles: ['operator'] },
  'device.enable': { service: 'enrollment', roles: ['operator'] },
  'device.revoke': { service: 'enrollment', roles: ['operator'] },
  'account.erase': { service: 'enrollment', roles: ['operator'] },
  'device.import': { service: 'enrollment', roles: ['operator'] },
  'device.import.key': { service: 'enrollment', roles: ['operator'] },
  'device.import.begin': { service: 'enrollment', roles: ['operator'] },
  'device.import.batch': { service: 'enrollment', roles: ['operator'] },
  'policy.get': { service: 'enrollment', roles: ['operator'] },
  'policy.set': { service: 'enrollment', roles: ['operator'] },
  'policy.history': { service: 'enrollment', roles: ['operator'] },
  'audit.events': { service: 'audit', roles: ['auditor'] },
  'audit.checkpoint': { service: 'audit', roles: ['auditor'] },
  'audit.proof': { service: 'audit', roles: ['auditor'] },
  'audit.entry': { service: 'audit', roles: ['auditor'] },
  'audit.receipt': { service: 'audit', roles: ['auditor'] },
} as const satisfies Record<string, VerbRule>;

export type Verb = keyof typeof VERBS;
export const verbs = Object.keys(VERBS) as Verb[];
export const verbsOf = (role: Role): Verb[] =>
  verbs.filter((verb) => (VERBS[verb].roles as readonly Role[]).includes(role));
export const verbsAnsweredBy = (service: ServiceName): Verb[] =>
  verbs.filter((verb) => VERBS[verb].service === service);

/** Verbs that are one replica's. */
export type PerReplicaVerb = { [V in Verb]: (typeof VERBS)[V] extends { perReplica: true } ? V : never }[Verb];
/** Whether the question goes to one replica by name. */
export const isPerReplica = (verb: Verb): boolean => (VERBS[verb] as VerbRule).perReplica === true;

const ROOT = 'countersign.v1';
/** A verb's last tokens, for every replica where it is one replica's. */
const ending = (verb: Verb): string => (isPerReplica(verb) ? `${verb}.*` : verb);

/** What a caller publishes, inside its tenant's NATS account. `at`: which replica, where the verb is one replica's. */
export const callerSubject = (caller: Caller, verb: Verb, at = '*'): string =>
  `${ROOT}.${caller}.${ending(verb).replace('*', at)}`;
/**
 * What a service subscribes to, inside the platform's NATS account: every tenant, every caller. Of a verb that is one
 * replica's each subscribes to its own name instead of the last wildcard.
 */
export const servedSubject = (verb: Verb): string => `${ROOT}.*.*.${ending(verb)}`;
/** What one tenant's import maps to on the platform. */
export const tenantSubject = (tenant: Tenant, verb: Verb): string => `${ROOT}.${tenant}.*.${ending(verb)}`;
/** The tenant's own side of that import: the wildcards stand for the caller, and the replica. */
export const importedSubject = (verb: Verb): string => `${ROOT}.*.${ending(verb)}`;
/** Everything a tenant's account may import. */
export const tenantExport = (tenant: Tenant): string => `${ROOT}.${tenant}.>`;

/** Who asked: both parts come from the subject that NATS let through, never from the message. */
export interface Asker {
  tenant: Tenant;
  caller: Caller;
}

/** Reads `countersign.v1.<tenant>.<caller>.<verb>`. Throws INVALID_ARGUMENT for any other subject. */
export function askerOf(subject: string): Asker {
  const [root, version, tenant, caller, verb] = subject.split('.');
  if (`${root}.${version}` !== ROOT || tenant === undefined || caller === undefined || verb === undefined)
    throw new Failure('INVALID_ARGUMENT', 'the subject should be countersign.v1.<tenant>.<caller>.<verb>');
  return { tenant: parseTenant(tenant), caller: parseCaller(caller) };
}

export const KEY_VERBS = [
  'match',
  'question',
  'provision',
  'rekey',
  'import',
  'attest',
  'issue',
  'redeem',
  'sheet',
  'sign',
  'check',
] as const;
export type KeyVerb = (typeof KEY_VERBS)[number];

/** Questions to the key service; no tenant can name them. */
export const keysSubject = (verb: KeyVerb): string => `countersign.internal.keys.${verb}`;
/** Alarms raised by audit; verification acts on FORK after looking for itself. */
export const ALARM_SUBJECT = 'countersign.internal.alarm';

/** Verification has a code sent by one of delivery's replicas. */
export const DELIVER_SUBJECT = 'countersign.internal.deliver';
/** Delivery reports to verification what became of it. */
export const DELIVERED_SUBJECT = 'countersign.internal.delivered';
/** Delivery's replicas tell each other what they took, so that limits hold for all of them together. */
export const TAKEN_SUBJECT = 'countersign.internal.delivery.taken';

/**
 * Where a courier hears the codes it should pass on: inside its tenant's NATS account, or, with `tenant`, where delivery
 * publishes them inside the platform's.
 */
export const courierSubject = (courier: Caller | '*', tenant?: Tenant | '*'): string =>
  ['countersign.delivery', ...(tenant === undefined ? [] : [tenant]), courier].join('.');

export const LEDGER_STREAM = 'ledger';
/** The chain of signed checkpoints; each is appended after the one before it. */
export const CHECKPOINT_STREAM = 'checkpoints';
export const CHECKPOINT_SUBJECT = 'log.checkpoint';
/** The log's tiles, each under a subject of its own: `log.tile.<level>.<number>`. */
export const TILE_STREAM = 'tiles';
export const tileSubject = (level: number | '*', index: number | '*'): string => `log.tile.${level}.${index}`;
export const DIRECTORY_BUCKET = 'directory';
export const DIRECTORY_STREAM = `KV_${DIRECTORY_BUCKET}`;

/** Reserved last tokens of ledger subjects begin with `_`, which no random id does. */
export const TENANT_TOKEN = '_tenant';
export const POLICY_TOKEN = '_policy';
export const NOBODY_TOKEN = '_nobody';

export const ledgerSubject = (tenant: Tenant, account: string): string => `ledger.${tenant}.${account}`;
/** Questions about unknown names lie in lanes, so that each follows one before it and those asked at once do not wait. */
export const nobodySubject = (tenant: Tenant, lane: string): string => `ledger.${tenant}.${NOBODY_TOKEN}.${lane}`;
export const recordSubject = (tenant: Tenant, account: string, device: string, epoch: number | '*'): string =>
  `ledger.${tenant}.${account}.${device}.${epoch}`;
export const directorySubject = (key: string): string => `$KV.${DIRECTORY_BUCKET}.${key}`;

/** Requests that this identity sends are answered to `_INBOX_<identity>.…`; it may subscribe to nothing else. */
export const inboxPrefix = (identity: string): string => `_INBOX_${identity}`;
