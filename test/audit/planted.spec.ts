import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { judgeChallenge, type AccountState } from '@countersign/account';
import { connectAs } from '@countersign/local';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint, parseVerifierKey, verifierOf } from '@countersign/tlog';
import { headers } from '@nats-io/nats-core';
import { issuerOf } from '../world/recipient.js';
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

/** An event as it lies in the ledger, and its subject. */
async function storedAt(sequence: number): Promise<{ subject: string; event: Record<string, unknown> }> {
  const { entry } = await (await world.caller('audit')).receipt({ sequence });
  const newline = entry.indexOf('\n');
  return { subject: entry.slice(0, newline), event: JSON.parse(entry.slice(newline + 1)) as Record<string, unknown> };
}

/** Whoever has verification's credentials appends what it likes. */
async function plant(subject: string, body: object, after: number): Promise<number> {
  const bus = await connectAs(world.platform.folder, world.platform.natsServer, 'verification', 5000);
  try {
    const lines = headers();
    lines.set('Nats-Expected-Last-Subject-Sequence', String(after));
    const answer = await bus.ask(subject, Buffer.from(JSON.stringify({ ...body, after, nonce: 'x' })), lines, 2000);
    if (answer.kind !== 'reply') throw new Error(answer.kind);
    return (JSON.parse(Buffer.from(answer.message.data).toString()) as { seq: number }).seq;
  } finally {
    await bus.close();
  }
}

test('what a captured verification writes is told within a second', async () => {
  const app = await world.caller('app');
  const device = await world.owner();
  const { sequence } = await app.verify({ account: device.account, code: device.code() });
  const { subject, event } = await storedAt(sequence);
  const [at, counter] = [event['at'] as number, event['counter'] as number];
  // the same acceptance once more: no legal step, though its receipt is right
  const second = await plant(subject, { ...event, at: at + 1 }, sequence);
  expect(await alarmed('STEP', second)).toBeLessThan(1000);
  // a receipt of another counter
  const third = await plant(subject, { ...event, counter: counter + 1, at: at + 2 }, second);
  expect(await alarmed('RECEIPT', third)).toBeLessThan(1000);
  const key = verifierOf(parseVerifierKey(readFileSync(world.platform.folder.auditKey(), 'utf8').trim()));
  expect(openCheckpoint(readFileSync(join(files, 'checkpoint')), key).size).toBeGreaterThanOrEqual(sequence);
});

test("a challenge that it accepts without the code is told within a second: the receipt is not the key service's", async () => {
  const issue = await issuerOf(world, 'app');
  const { name: account } = await world.account();
  const [honest, forged] = [await issue({ account }), await issue({ account })];
  const app = await world.caller('app');
  const { challenge, code } = honest;
  const { sequence } = await app.verifyChallenge({ account, challenge, code });
  const { subject, event } = await storedAt(sequence);
  const at = { sequence, state: event['state'] as AccountState };
  const attempt = { verb: 'challenge.verify', by: 'app', challenge: forged.challenge } as const;
  const receipt = event['receipt'] as string; // right, but another challenge's
  const decision = judgeChallenge(at, attempt, new Map(), Date.now(), { kind: 'match', receipt });
  if (decision.kind !== 'append') throw new Error(decision.kind);
  const planted = await plant(subject, decision.event, sequence);
  expect(await alarmed('RECEIPT', planted)).toBeLessThan(1000);
  const others = alarms().filter((line) => [sequence, planted].some((each) => line.includes(`"sequence":${each}`)));
  expect(others).toHaveLength(1); // the step itself is legal, and the honest one is not doubted
});
