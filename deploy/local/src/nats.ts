import { connectBus, type Bus } from '@countersign/bus';
import { natsAccounts } from '@countersign/contracts';
import { Log, Secret, sleep } from '@countersign/runtime';
import { readFileSync } from 'node:fs';
import { childVariables } from './child-variables.js';
import { natsRoutes } from './cluster/nats-routes.js';
import { addressOf, type ServerPlace } from './cluster/places.js';
import type { StateFolder } from './folder.js';
import { identitiesOf } from './identities.js';
import { planOf } from './credentials.js';
import { placesOf, type Plan } from './plan.js';
import { writePrivate } from './private-files.js';
import type { Program } from './program.js';
import type { Servers } from './runtime.js';
import type { SupervisedProcess } from './supervised.js';
import { tlsOf } from './tls/certificates.js';
import { untilYes } from './wait-until.js';

const MAX_PAYLOAD = 262_144; // bytes; verbs take 64 KiB, the rest is room for headers and the ledger's pages
const CONNECT_WITHIN_MS = 300;
const TLS_WITHIN_S = 5; // a busy machine needs longer for a handshake than the two seconds that are usual
const BETWEEN_RELOADS_MS = 500;
/** With more, a peer of release 2.10 is now and then born mute: see docs/reliability.md. */
const ONE_THREAD = { GOMAXPROCS: '1' };

/**
 * A server's configuration, with accounts from the contracts. A single server syncs to disk before each acknowledgement;
 * in a cluster an acknowledgement says that two of three servers have it, which is as good where they fail apart.
 */
export function natsConfig(folder: StateFolder, plan: Plan, place = placesOf(plan).nats[0] as ServerPlace): string {
  const { nats } = placesOf(plan);
  const alone = nats.length === 1;
  const store = `store_dir: ${JSON.stringify(folder.natsStore(place.name))}`;
  return [
    `server_name: ${alone ? 'countersign-local' : place.name}`,
    `host: ${place.listen ?? place.host}`,
    `port: ${place.port}`,
    `max_payload: ${MAX_PAYLOAD}`,
    `jetstream { ${store}${alone ? ', sync_interval: always' : ''} }`,
    ...tlsSection(folder, plan),
    ...(alone ? [] : natsRoutes(folder, place, nats)),
    natsAccounts(identitiesOf(plan)),
  ].join('\n');
}

/** Everybody shows a certificate, callers too: a stolen nkey alone opens nothing. */
function tlsSection(folder: StateFolder, plan: Plan): string[] {
  const files = tlsOf(folder, plan, 'nats');
  if (!files) return [];
  const [ca, cert, key] = [files.caFile, files.certFile, files.keyFile].map((path) => JSON.stringify(path));
  return [`tls { ca_file: ${ca}, cert_file: ${cert}, key_file: ${key}, verify: true, timeout: ${TLS_WITHIN_S} }`];
}

/** Of every NATS server of the plan. `change` has the last word about each text. */
export function writeNatsConfig(folder: StateFolder, plan: Plan, change = (text: string): string => text): void {
  for (const place of placesOf(plan).nats)
    writePrivate(folder.natsConfig(place.name), change(natsConfig(folder, plan, place)));
}

export function natsProgram(folder: StateFolder, servers: Servers, place: ServerPlace): Program {
  return {
    name: place.name,
    command: servers.natsServer,
    args: ['--config', folder.natsConfig(place.name)],
    variables: { ...childVariables(), ...(place.routePort !== undefined && ONE_THREAD) },
    logFile: folder.log(place.name),
    ready: (life) => untilYes(life, () => connects(folder, place)),
  };
}

/** A connection as one of the platform's own identities: `operator`, `setup`. `servers`: host:port */
export function connectAs(
  folder: StateFolder,
  servers: string | string[],
  identity: string,
  withinMs: number,
): Promise<Bus> {
  const nkeySeed = new Secret(readFileSync(folder.credential(identity)));
  const tls = tlsOf(folder, planOf(folder), identity);
  return connectBus({ servers: [servers].flat(), identity, nkeySeed, ...tls, firstConnectMs: withinMs, log: SILENT });
}

const SILENT = new Log('local', 'error', () => undefined);

async function connects(folder: StateFolder, place: ServerPlace): Promise<boolean> {
  try {
    await (await connectAs(folder, addressOf(place), 'operator', CONNECT_WITHIN_MS)).close();
    return true;
  } catch {
    return false;
  }
}

/**
 * Takes a changed configuration without losing a connection. Twice: nats-server 2.10 lets requests of an account that
 * was added with imports through only after the second reload.
 */
export async function reloadNats(servers: Pick<SupervisedProcess, 'kill'>[]): Promise<void> {
  for (let times = 0; times < 2; times += 1) {
    for (const each of servers) each.kill('SIGHUP');
    await sleep(BETWEEN_RELOADS_MS);
  }
}
