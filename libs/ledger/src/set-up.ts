import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { connectBus } from '@countersign/bus';
import {
  DIRECTORY_BUCKET,
  DIRECTORY_STREAM,
  LEDGER_STREAM,
  TENANT_TOKEN,
  ledgerSubject,
  parseTenant,
  type Tenant,
} from '@countersign/contracts';
import { Log, Secret, SystemClock, SystemRandom, reasonOf } from '@countersign/runtime';
import { jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import { Appender } from './appender.js';
import type { NameRule } from './directory/canonical-name.js';
import { releaseFailure } from './premises.js';
import { StreamReader } from './stream-reader.js';

/**
 * Program: makes the ledger's and the directory's streams and writes tenants' settings, with the set-up identity that no
 * service has. Reads its order as JSON from standard input; says what it did as JSON lines. Safe to run again.
 */
interface Order {
  servers: string[];
  /** path of the set-up identity's seed */
  nkeyFile: string;
  replicas: 1 | 3 | 5;
  tenants: { name: string; names: NameRule }[];
}

type Wanted = Partial<StreamConfig> & { name: string };

const streams = (replicas: number): Wanted[] => [
  {
    name: LEDGER_STREAM,
    subjects: ['ledger.>'],
    storage: 'file',
    discard: 'new',
    num_replicas: replicas,
    deny_delete: true, // purging is withheld by rights instead: deny_purge could never be undone
    allow_rollup_hdrs: false,
    allow_direct: true,
  },
  {
    name: DIRECTORY_STREAM,
    subjects: [`$KV.${DIRECTORY_BUCKET}.>`],
    storage: 'file',
    discard: 'new',
    num_replicas: replicas,
    max_msgs_per_subject: 1,
    deny_delete: true,
    allow_rollup_hdrs: true, // so that a person's entry can be erased
    allow_direct: true,
  },
];

async function main(): Promise<void> {
  const order = JSON.parse(await text(process.stdin)) as Order;
  const log = new Log('ledger set-up', 'warn');
  const nkeySeed = new Secret(Buffer.from(readFileSync(order.nkeyFile, 'utf8').trim()));
  const bus = await connectBus({ servers: order.servers, identity: 'setup', nkeySeed, log });
  try {
    const refused = releaseFailure(bus.connection.info?.version ?? '0', order.replicas);
    if (refused) throw refused;
    for (const wanted of streams(order.replicas)) say(await ensure(bus.connection, wanted));
    const reader = new StreamReader(bus, LEDGER_STREAM);
    const appender = new Appender(bus, reader, new SystemRandom(), log);
    for (const { name, names } of order.tenants) say(await settle(reader, appender, parseTenant(name), names));
  } finally {
    await bus.close();
  }
}

async function ensure(connection: Parameters<typeof jetstreamManager>[0], wanted: Wanted): Promise<string> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const there = await manager.streams.info(wanted.name).catch(() => undefined);
  if (there === undefined) {
    await manager.streams.add(wanted);
    return `made stream ${wanted.name}, ${wanted.num_replicas} replica(s)`;
  }
  if (there.config.num_replicas !== wanted.num_replicas)
    throw new Error(`stream ${wanted.name} has ${there.config.num_replicas} replica(s), not ${wanted.num_replicas}`);
  return `stream ${wanted.name} is there`;
}

async function settle(reader: StreamReader, appender: Appender, tenant: Tenant, names: NameRule): Promise<string> {
  const subject = ledgerSubject(tenant, TENANT_TOKEN);
  const there = await reader.last(subject);
  if (there === undefined) {
    await appender.append(subject, { type: 'tenant', v: 1, names, at: new SystemClock().now() }, 0);
    return `made tenant ${tenant}, names: ${names}`;
  }
  const { names: fixed } = JSON.parse(Buffer.from(there.data).toString('utf8')) as { names: NameRule };
  if (fixed !== names) throw new Error(`tenant ${tenant} was made with names: ${fixed}; that cannot be changed`);
  return `tenant ${tenant} is there`;
}

const say = (line: string): boolean => process.stdout.write(`${JSON.stringify({ did: line })}\n`);

main().catch((error: unknown) => {
  process.stderr.write(`ledger set-up: ${reasonOf(error)}\n`);
  process.exitCode = 1;
});
