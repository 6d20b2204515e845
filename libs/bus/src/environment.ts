import type { Environment } from '@countersign/runtime';
import type { BusOptions } from './connect.js';

const SERVER_LIST = /^[^\s,]+:\d{1,5}(,[^\s,]+:\d{1,5})*$/;

/**
 * What every service reads to find NATS. Problems are collected by `environment`.
 *
 * NATS_SERVERS: `host:port`, several separated by commas. NATS_NKEY_FILE: path of a file with the nkey's seed (`SU…`);
 * absent means a server without authentication. NATS_CA_FILE: path of the certificates to trust; absent means no TLS.
 * NATS_CERT_FILE, NATS_KEY_FILE: the certificate that is shown to a server that asks for one, and its private key.
 */
export function busOptions(environment: Environment, identity: string): BusOptions {
  const servers = environment
    .text('NATS_SERVERS', 'host:port of the NATS servers, separated by commas', { pattern: SERVER_LIST })
    .split(',');
  const caFile = environment.text('NATS_CA_FILE', 'the path of a PEM file', { fallback: NONE });
  const certFile = environment.text('NATS_CERT_FILE', 'the path of a PEM file', { fallback: NONE });
  const keyFile = environment.text('NATS_KEY_FILE', "the path of the certificate's private key", { fallback: NONE });
  if ((certFile === NONE) !== (keyFile === NONE))
    environment.problem('NATS_CERT_FILE', 'and NATS_KEY_FILE should be set together', NONE);
  if (caFile === NONE && certFile !== NONE)
    environment.problem('NATS_CA_FILE', 'is not set, so there is no TLS to show NATS_CERT_FILE in', NONE);
  const nkeyFile = environment.text('NATS_NKEY_FILE', "the path of a file with the nkey's seed", { fallback: NONE });
  return {
    servers,
    identity,
    ...(caFile !== NONE && { caFile }),
    ...(certFile !== NONE && { certFile, keyFile }),
    ...(nkeyFile !== NONE && {
      nkeySeed: environment.secretFile('NATS_NKEY_FILE', "an nkey's seed: SU and 56 more characters", { minBytes: 58 }),
    }),
  };
}

const NONE = 'none';
