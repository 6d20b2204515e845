import type { Environment } from '@countersign/runtime';
import type { BusOptions } from './connect.js';

const SERVER_LIST = /^[^\s,]+:\d{1,5}(,[^\s,]+:\d{1,5})*$/;

/**
 * What every service reads to find NATS. Problems are collected by `environment`.
 *
 * NATS_SERVERS: `host:port`, several separated by commas. NATS_NKEY_FILE: path of a file with the nkey's seed (`SU…`);
 * absent means a server without authentication. NATS_CA_FILE: path of the certificates to trust; absent means no TLS.
 */
export function busOptions(environment: Environment, identity: string): BusOptions {
  const servers = environment
    .text('NATS_SERVERS', 'host:port of the NATS servers, separated by commas', { pattern: SERVER_LIST })
    .split(',');
  const caFile = environment.text('NATS_CA_FILE', 'the path of a PEM file', { fallback: NONE });
  const nkeyFile = environment.text('NATS_NKEY_FILE', "the path of a file with the nkey's seed", { fallback: NONE });
  return {
    servers,
    identity,
    ...(caFile !== NONE && { caFile }),
    ...(nkeyFile !== NONE && {
      nkeySeed: environment.secretFile('NATS_NKEY_FILE', "an nkey's seed: SU and 56 more characters", { minBytes: 58 }),
    }),
  };
}

const NONE = 'none';
