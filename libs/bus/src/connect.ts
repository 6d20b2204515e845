import {
  AuthorizationError,
  nkeyAuthenticator,
  type ConnectionOptions,
  type ReconnectToServerHandler,
  type Server,
  type TlsOptions,
} from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { Failure } from '@countersign/contracts';
import { Log, reasonOf, sleep, type Secret } from '@countersign/runtime';
import { Bus } from './bus.js';
import { monotonicMs } from './deadline.js';
import type { StallLimits } from './stall-watch.js';

export interface BusOptions {
  /** host:port of each server; the client also learns the others of their cluster */
  servers: string[];
  /** who this is: replies come to `_INBOX_<identity>.…`, the only inbox an identity has a right to */
  identity: string;
  /** shown by the server for this connection; default: the identity */
  name?: string;
  /** the nkey's seed, as text (`SU…`); without it the server must allow connections without one */
  nkeySeed?: Secret;
  /** path of the certificates to trust; TLS is used when this is given, and a server without it is refused */
  caFile?: string;
  /** paths of the certificate that this client shows, and of its private key; both are read at each connection */
  certFile?: string;
  keyFile?: string;
  log?: Log;
  /** how long to try for the first connection, ms; default 10,000. Wrong credentials end it at once. */
  firstConnectMs?: number;
  /** when to leave a server that has stopped answering */
  stall?: Partial<StallLimits>;
}

const PING_EVERY_MS = 1000; // with 2 unanswered: a dead server is left after about 3 s
const HANDSHAKE_MS = 2000; // a paused server accepts TCP connections and says nothing
const RECONNECT_WAIT_MS = 200; // per server; another server is tried at once
const RECONNECT_JITTER_MS = 200; // so that all clients of a server that comes back do not arrive together

/**
 * Connects, and from then on reconnects for ever. Throws UNAVAILABLE when there is no server within `firstConnectMs`,
 * FORBIDDEN when the server does not know these credentials.
 */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const log = options.log ?? new Log(options.identity);
  const inboxPrefix = `_INBOX_${options.identity}`;
  const name = options.name ?? options.identity;
  const settings: ConnectionOptions = {
    servers: options.servers,
    name,
    inboxPrefix,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true, // a server that reloads its accounts may refuse us for a moment
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_JITTER_MS,
    pingInterval: PING_EVERY_MS,
    maxPingOut: 2,
    reconnectToServer: leastRecentlyTried,
    timeout: HANDSHAKE_MS,
    noAsyncTraces: true,
    ...(options.nkeySeed && { authenticator: authenticator(options.nkeySeed) }),
    ...(options.caFile !== undefined && { tls: tlsOf(options.caFile, options) }),
  };
  const connection = await firstConnection(settings, options.firstConnectMs ?? 10_000, log);
  log.info('connected to NATS', { server: connection.getServer(), nats: connection.info?.version });
  return new Bus(connection, { name, inboxPrefix, log, ...(options.stall && { stall: options.stall }) });
}

const tlsOf = (caFile: string, { certFile, keyFile }: BusOptions): TlsOptions => ({
  caFile,
  ...(certFile !== undefined && { certFile }),
  ...(keyFile !== undefined && { keyFile }),
});

/** The server just lost is always the last to be tried again; left alone, nats.js may begin with it. */
const leastRecentlyTried: ReconnectToServerHandler = (pool) =>
  pool.reduce<Server | null>(
    (best, next) => (best === null || next.lastConnect < best.lastConnect ? next : best),
    null,
  );

/** Reads the seed at each connection, so that there is no second copy of it in between. */
function authenticator(seed: Secret): ConnectionOptions['authenticator'] {
  return nkeyAuthenticator(() => seed.reveal());
}

async function firstConnection(
  settings: ConnectionOptions,
  withinMs: number,
  log: Log,
): Promise<Awaited<ReturnType<typeof connect>>> {
  const endMs = monotonicMs() + withinMs;
  for (let said = false; ; said = true) {
    try {
      return await connect(settings);
    } catch (cause) {
      const servers = [settings.servers ?? []].flat().join(', ');
      // A busy server ends slow handshakes with an authentication timeout: that says nothing about the credentials.
      if (cause instanceof AuthorizationError && !/timeout/i.test(cause.message))
        throw new Failure('FORBIDDEN', `NATS at ${servers} does not accept these credentials`, { cause });
      if (monotonicMs() + RECONNECT_WAIT_MS >= endMs)
        throw new Failure('UNAVAILABLE', `no NATS server at ${servers}: ${reasonOf(cause)}`, { cause });
      if (!said) log.warn('no NATS server yet; trying again', { servers, reason: reasonOf(cause) });
      await sleep(RECONNECT_WAIT_MS);
    }
  }
}
