import { busOptions, type BusOptions } from '@countersign/bus';
import { TENANT_PATTERN, isPublicKeys, type PublicKeys } from '@countersign/contracts';
import { AUDIT_KEY, auditKeyIn, type VerifierKey } from '@countersign/ledger';
import { randomId, type Environment, type Random, type Secret } from '@countersign/runtime';

const KEY_BYTES = 32;
const DAY_MS = 86_400_000;
const REPLICA_NAME_LENGTH = 8; // 40 bits: no two of a few replicas draw the same

/** Everything enrollment is told, read once. */
export interface EnrollmentConfig {
  /** NATS_*: where the bus is, and who this is on it */
  bus: BusOptions;
  /** DIRECTORY_INDEX_FILE: under it names are found; another one would find nobody */
  directoryIndex: Secret;
  /** DIRECTORY_NAMES_FILE: under it names are written down */
  directoryNames: Secret;
  /** HSM_PUBLIC_FILE: what the key ceremony published; from it clients get the key that seeds are wrapped to */
  publicKeys: PublicKeys;
  /** HIGH_WATER_FILE: the highest ledger sequence seen, so that a ledger which went back is noticed */
  highWaterFile: string;
  /** AUDIT_KEY: who signs the log; a ledger that ends before the last checkpoint went back */
  auditKey: VerifierKey;
  /** REPLICA_NAME: where sessions of pairing are found again; no other replica may have it. Default: drawn at start */
  replicaName: string;
  /** MAX_IN_FLIGHT: requests at once; more are refused at once instead of queueing. Default 256 */
  maxInFlight: number;
  /** CLOCK_OFFSET_MS: added to the clock, for tests only. Default 0 */
  clockOffsetMs: number;
}

/** Throws ConfigError naming every variable that is wrong. */
export function readConfig(environment: Environment, random: Random): EnrollmentConfig {
  const config: EnrollmentConfig = {
    bus: busOptions(environment, 'enrollment'),
    directoryIndex: environment.secretFile('DIRECTORY_INDEX_FILE', "the directory's index key", { bytes: KEY_BYTES }),
    directoryNames: environment.secretFile('DIRECTORY_NAMES_FILE', "the directory's key for names", {
      bytes: KEY_BYTES,
    }),
    publicKeys: environment.jsonFile('HSM_PUBLIC_FILE', "the key ceremony's public keys (JSON)", isPublicKeys),
    highWaterFile: environment.text('HIGH_WATER_FILE', 'the path of a file that this service may write'),
    auditKey: auditKeyIn(environment, environment.text('AUDIT_KEY', AUDIT_KEY)),
    replicaName: environment.text('REPLICA_NAME', 'a name: a-z, 0-9 and -, at most 32, no other replica has it', {
      pattern: TENANT_PATTERN,
      fallback: randomId(random, REPLICA_NAME_LENGTH),
    }),
    maxInFlight: environment.integer('MAX_IN_FLIGHT', { unit: 'requests', min: 1, max: 4096, fallback: 256 }),
    clockOffsetMs: environment.integer('CLOCK_OFFSET_MS', { unit: 'ms', min: -DAY_MS, max: DAY_MS, fallback: 0 }),
  };
  environment.finish();
  return config;
}
