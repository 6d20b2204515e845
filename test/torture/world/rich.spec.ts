import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { connectCaller, type Countersign } from '@countersign/caller';
import { LEDGER_STREAM } from '@countersign/contracts';
import { Failure, type TestDevice } from '@countersign/testkit';
import { untilTrue } from './bring-up.js';
import { TortureWorld } from './world.js';

const START_MS = 60_000;
const ELECTION_MS = 15_000;

let world: TortureWorld;
let app: Countersign;
let device: TestDevice;
beforeAll(async () => {
  world = await TortureWorld.start({ kind: 'rich', network: false, replicas: { ...ONE_EACH, verification: 2 } });
  app = await world.caller('app');
  device = await world.owner();
}, START_MS);
afterEach(() => world.heal(), START_MS);
afterAll(() => world.stop(), START_MS);

const ONE_EACH = { 'key-derivation': 1, enrollment: 1, audit: 0, delivery: 0 };

/** The verdict about a fresh code, asked again with the same requestId while the platform cannot say. */
async function freshCode(of = device): Promise<{ verdict: string; code: string }> {
  const question = { account: of.account, code: of.code(), requestId: `fresh-${of.next}` };
  for (const endMs = performance.now() + ELECTION_MS; ;) {
    try {
      return { verdict: (await app.verify(question)).verdict, code: question.code };
    } catch (error) {
      if (!(error instanceof Failure) || performance.now() > endMs) throw error;
    }
  }
}

test('the ledger has a replica on each of three servers', async () => {
  const bus = await world.platform.operatorBus();
  const info = await bus.request<{ config: { num_replicas: number }; cluster: { replicas: unknown[] } }>(
    `$JS.API.STREAM.INFO.${LEDGER_STREAM}`,
    {},
    { timeoutMs: 2000 },
  );
  expect(info.config.num_replicas).toBe(3);
  expect(info.cluster.replicas).toHaveLength(2);
  expect((await freshCode()).verdict).toBe('accepted');
});

test(
  'verdicts go on without one of the servers, be it the leader, and what was spent stays so',
  async () => {
    for (const which of ['another', 'leader']) {
      const leader = await world.ledgerLeader();
      const { code, verdict } = await freshCode();
      expect(verdict).toBe('accepted');
      const gone = which === 'leader' ? leader : (world.natsNodes.find((name) => name !== leader) as string);
      const mend = await world.kill(gone);
      expect((await freshCode()).verdict).toBe('accepted');
      const spent = await app.verify({ account: device.account, code });
      expect(spent).toMatchObject({ verdict: 'rejected', reason: 'replayed' });
      await mend();
    }
  },
  START_MS,
);

test(
  'a leader steps down; another one leads',
  async () => {
    const before = await world.ledgerLeader();
    await world.stepDown();
    expect(await world.ledgerLeader()).not.toBe(before);
    expect((await freshCode()).verdict).toBe('accepted');
  },
  START_MS,
);

test(
  'Sentinel promotes a replica that was left behind: the cache answers from there while the master hangs',
  async () => {
    const logs = ['verification-1', 'verification-2'].map((name) => world.platform.folder.log(name));
    const answers = (log: string): number => readFileSync(log, 'utf8').split('the window cache answers').length - 1;
    const before = logs.map(answers);
    const { code } = await freshCode();
    await world.redisFailover('hangs');
    expect((await freshCode()).verdict).toBe('accepted');
    const spent = await app.verify({ account: device.account, code });
    expect(spent).toMatchObject({ verdict: 'rejected', reason: 'replayed' });
    await untilTrue('both caches answer', async () => logs.every((log, at) => answers(log) > (before[at] as number)));
  },
  START_MS,
);

test('a Redis that tells the past makes no code good again', async () => {
  const mend = await world.redisPast();
  const { code, verdict } = await freshCode();
  expect(verdict).toBe('accepted');
  await mend();
  for (let times = 0; times < 4; times += 1)
    expect(await app.verify({ account: device.account, code })).toMatchObject({
      verdict: 'rejected',
      reason: 'replayed',
    });
});

test(
  'a cluster takes a new tenant, on every server',
  async () => {
    await world.addTenant({ name: 'gamma', callers: { app: 'verifier', desk: 'enroller' } });
    const credentials = world.credentials('app', 'gamma');
    expect(credentials.servers).toHaveLength(3);
    for (const server of credentials.servers) {
      const gamma = await connectCaller({ ...credentials, servers: [server] });
      const verdict = await gamma.verify({ account: 'nobody', code: '123456' });
      expect(verdict).toMatchObject({ verdict: 'rejected', reason: 'wrong_code' });
      await gamma.close();
    }
  },
  START_MS,
);
