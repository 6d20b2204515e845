import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectAs } from '@countersign/local';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint, parseVerifierKey, verifierOf } from '@countersign/tlog';
import { headers } from '@nats-io/nats-core';
import { World } from '../world/world.js';

let world: World;
const files = mkdtempSync(join(tmpdir(), 'countersign-log-'));
beforeAll(async () => {
  world = await World.start({ variables: { audit: { AUDIT_DIRECTORY: files } } });
}, 120_000);
afterAll(async () => {
  await world?.stop();
  rmSync(files, { recursive: true });
});

const alarms = (): string[] =>
  readFileSync(world.platform.folder.log('audit-1'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('ALARM'));

async function alarmed(kind: string, sequence: number): Promise<number> {
  const began = performance.now();
  while (!alarms().some((line) => line.includes(`"kind":"${kind}"`) && line.includes(`"sequence":${sequence}`))) {
    if (performance.now() - began > 5000) throw new Error(`no ${kind} of ${sequence}: ${alarms().join()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - began;
}

test('what a captured verification writes is told within a second', async () => {
  const [app, audit] = [await world.caller('app'), await world.caller('audit')];
  const device = await world.owner();
  const { sequence } = await app.verify({ account: device.account, code: device.code() });
  const { entry } = await audit.receipt({ sequence });
  const newline = entry.indexOf('\n');
  const subject = entry.slice(0, newline);
  const event = JSON.parse(entry.slice(newline + 1)) as Record<string, unknown> & { counter: number; at: number };
  const bus = await connectAs(world.platform.folder, world.platform.natsServers, 'verification', 5000);
  const plant = async (body: object, after: number): Promise<number> => {
    const lines = headers();
    lines.set('Nats-Expected-Last-Subject-Sequence', String(after));
    const answer = await bus.ask(subject, Buffer.from(JSON.stringify({ ...body, after, nonce: 'x' })), lines, 2000);
    if (answer.kind !== 'reply') throw new Error(answer.kind);
    return (JSON.parse(Buffer.from(answer.message.data).toString()) as { seq: number }).seq;
  };
  // the same acceptance once more: no legal step, though its receipt is right
  const second = await plant({ ...event, at: event.at + 1 }, sequence);
  expect(await alarmed('STEP', second)).toBeLessThan(1000);
  // a receipt of another counter
  const third = await plant({ ...event, counter: event.counter + 1, at: event.at + 2 }, second);
  expect(await alarmed('RECEIPT', third)).toBeLessThan(1000);
  await bus.close();
  const key = verifierOf(parseVerifierKey(readFileSync(world.platform.folder.auditKey(), 'utf8').trim()));
  expect(openCheckpoint(readFileSync(join(files, 'checkpoint')), key).size).toBeGreaterThanOrEqual(sequence);
});
