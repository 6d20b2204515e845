import { connectBus, type Bus } from '@countersign/bus';
import { natsAccounts } from '@countersign/contracts';
import { Log, Secret, sleep } from '@countersign/runtime';
import { readFileSync } from 'node:fs';
import { childVariables } from './child-variables.js';
import type { StateFolder } from './folder.js';
import { identitiesOf } from './identities.js';
import type { Plan } from './plan.js';
import { HOST } from './ports.js';
import { writePrivate } from './private-files.js';
import type { Program } from './program.js';
import type { Servers } from './runtime.js';
import type { SupervisedProcess } from './supervised.js';
import { untilYes } from './wait-until.js';

const MAX_PAYLOAD = 262_144; // bytes; verbs take 64 KiB, the rest is room for headers and the ledger's pages
const CONNECT_WITHIN_MS = 300;
const BETWEEN_RELOADS_MS = 500;

/** The server's configuration: one server, synced to disk before each acknowledgement, accounts from the contracts. */
export function natsConfig(folder: StateFolder, plan: Plan): string {
  return [
    'server_name: countersign-local',
    `host: ${HOST}`,
    `port: ${plan.ports.nats}`,
    `max_payload: ${MAX_PAYLOAD}`,
    `jetstream { store_dir: ${JSON.stringify(folder.natsStore())}, sync_interval: always }`,
    natsAccounts(identitiesOf(plan)),
  ].join('\n');
}

export function writeNatsConfig(folder: StateFolder, plan: Plan): void {
  writePrivate(folder.natsConfig(), natsConfig(folder, plan));
}

export function natsProgram(folder: StateFolder, servers: Servers, natsServer: string): Program {
  return {
    name: 'nats',
    command: servers.natsServer,
    args: ['--config', folder.natsConfig()],
    variables: childVariables(),
    logFile: folder.log('nats'),
    ready: (life) => untilYes(life, () => connects(folder, natsServer)),
  };
}

/** A connection as one of the platform's own identities: `operator`, `setup`. */
export function connectAs(folder: StateFolder, natsServer: string, identity: string, withinMs: number): Promise<Bus> {
  const nkeySeed = new Secret(readFileSync(folder.credential(identity)));
  return connectBus({ servers: [natsServer], identity, nkeySeed, firstConnectMs: withinMs, log: SILENT });
}

const SILENT = new Log('local', 'error', () => undefined);

async function connects(folder: StateFolder, natsServer: string): Promise<boolean> {
  try {
    await (await connectAs(folder, natsServer, 'operator', CONNECT_WITHIN_MS)).close();
    return true;
  } catch {
    return false;
  }
}

/**
 * Takes a changed configuration without losing a connection. Twice: nats-server 2.10 lets requests of an account that
 * was added with imports through only after the second reload.
 */
export async function reloadNats(nats: Pick<SupervisedProcess, 'kill'>): Promise<void> {
  nats.kill('SIGHUP');
  await sleep(BETWEEN_RELOADS_MS);
  nats.kill('SIGHUP');
  await sleep(BETWEEN_RELOADS_MS);
}
