import { busOptions, type BusOptions } from '@countersign/bus';
import { AUDIT_KEY, auditKeyIn } from '@countersign/ledger';
import type { Environment, Secret } from '@countersign/runtime';
import type { VerifierKey } from '@countersign/tlog';

const KEY_BYTES = 32;

/** Everything audit is told, read once. */
export interface AuditConfig {
  /** NATS_*: where the bus is, and who this is on it */
  bus: BusOptions;
  /** DIRECTORY_INDEX_FILE: under it names are found; names themselves are closed to audit */
  directoryIndex: Secret;
  /** HIGH_WATER_FILE: the highest ledger sequence seen, so that a ledger which went back is noticed */
  highWaterFile: string;
  /** AUDIT_POSITION_FILE: how far the fork watch has looked; without the file it looks from the beginning */
  positionFile: string;
  /** AUDIT_KEY: the verifier key of the log; a checkpoint that another key signed is none */
  auditKey: VerifierKey;
  /** AUDIT_DIRECTORY: a folder for the log as static files without it tiles are kept in JetStream, for all replicas */
  directory?: string;
  /** MAX_IN_FLIGHT: requests at once; more are refused at once instead of queueing. Default 256 */
  maxInFlight: number;
}

/** Throws ConfigError naming every variable that is wrong. */
export function readConfig(environment: Environment): AuditConfig {
  const config: AuditConfig = {
    bus: busOptions(environment, 'audit'),
    directoryIndex: environment.secretFile('DIRECTORY_INDEX_FILE', "the directory's index key", { bytes: KEY_BYTES }),
    highWaterFile: environment.text('HIGH_WATER_FILE', 'the path of a file that this service may write'),
    positionFile: environment.text('AUDIT_POSITION_FILE', 'the path of a file that this service may write'),
    auditKey: auditKeyIn(environment, environment.text('AUDIT_KEY', AUDIT_KEY)),
    ...(environment.has('AUDIT_DIRECTORY') && {
      directory: environment.text('AUDIT_DIRECTORY', 'the path of a folder of this replica'),
    }),
    maxInFlight: environment.integer('MAX_IN_FLIGHT', { unit: 'requests', min: 2, max: 4096, fallback: 256 }),
  };
  environment.finish();
  return config;
}
