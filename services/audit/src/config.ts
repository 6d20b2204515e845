import { busOptions, type BusOptions } from '@countersign/bus';
import type { Environment, Secret } from '@countersign/runtime';

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
    maxInFlight: environment.integer('MAX_IN_FLIGHT', { unit: 'requests', min: 2, max: 4096, fallback: 256 }),
  };
  environment.finish();
  return config;
}
