import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { connectBus, type BusOptions } from '@countersign/bus';
import { LEDGER_STREAM, TENANT_TOKEN, ledgerSubject, parseTenant, type Tenant } from '@countersign/contracts';
import { Log, Secret, SystemClock, SystemRandom, reasonOf } from '@countersign/runtime';
import { Appender } from './appender.js';
import type { NameRule } from './directory/canonical-name.js';
import { releaseFailure } from './premises.js';
import { StreamReader } from './stream-reader.js';
import { ensureStream, streams } from './streams.js';

/**
 * Program: makes the ledger's and the directory's streams and writes tenants' settings, with the set-up identity that no
 * service has. Reads its order as JSON from standard input; says what it did as JSON lines. Safe to run again.
 */
interface Order {
  servers: string[];
  /** path of the set-up identity's seed */
  nkeyFile: string;
  /** where the server has TLS */
  tls?: Pick<BusOptions, 'caFile' | 'certFile' | 'keyFile'>;
  replicas: 1 | 3 | 5;
  tenants: { name: string; names: NameRule }[];
}

async function main(): Promise<void> {
  const order = JSON.parse(await text(process.stdin)) as Order;
  const log = new Log('ledger set-up', 'warn');
  const nkeySeed = new Secret(Buffer.from(readFileSync(order.nkeyFile, 'utf8').trim()));
  const bus = await connectBus({ servers: order.servers, identity: 'setup', nkeySeed, ...order.tls, log });
  try {
    const refused = releaseFailure(bus.connection.info?.version ?? '0', order.replicas);
    if (refused) throw refused;
    for (const wanted of streams(order.replicas)) say(await ensureStream(bus.connection, wanted));
    const reader = new StreamReader(bus, LEDGER_STREAM);
    const appender = new Appender(bus, reader, new SystemRandom(), log);
    for (const { name, names } of order.tenants) say(await settle(reader, appender, parseTenant(name), names));
  } finally {
    await bus.close();
  }
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
