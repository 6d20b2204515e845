import { readFileSync } from 'node:fs';
import { nkeyAuthenticator, type ConnectionOptions, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';

/** A server ends a handshake that it finds slow, and nats.js then waits out the whole of this before it tries again. */
const HANDSHAKE_MS = 2000;

export interface Credentials {
  servers: string | string[];
  nkeySeedFile: string;
}

/** A connection of NATS's own library, for what ours would never send; it asks again until the server lets it in. */
export function rawClient(
  name: string,
  credentials: Credentials,
  options: ConnectionOptions = {},
): Promise<NatsConnection> {
  const authenticator = nkeyAuthenticator(readFileSync(credentials.nkeySeedFile).subarray(0, 58));
  return connect({
    servers: credentials.servers,
    authenticator,
    inboxPrefix: `_INBOX_${name}`,
    timeout: HANDSHAKE_MS,
    waitOnFirstConnect: true,
    ...options,
  });
}
