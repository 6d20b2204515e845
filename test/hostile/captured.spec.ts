import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import type { Countersign } from '@countersign/caller';
import { rawClient } from '../world/raw-client.js';
import { World } from '../world/world.js';

const FORGE = `for _, window in ipairs(redis.call('KEYS', '*:window:*')) do
  redis.call('HSET', window, 'sequence', '9e15', 'mac', 'forged', unpack(ARGV)) end return 1`;
const REPLACE = `for _, window in ipairs(redis.call('KEYS', '*:window:*')) do
  redis.call('DEL', window) redis.call('SET', window, 'no hash') end return 1`;

describe('whoever holds a part of the platform', () => {
  let world: World;
  let app: Countersign;
  const open: NatsConnection[] = [];

  beforeAll(async () => {
    world = await World.start();
    app = await world.caller('app');
  });
  afterAll(async () => {
    for (const connection of open) await connection.close();
    await world.stop();
  });

  async function connectWith(servers: string | string[], nkeySeedFile: string, name: string): Promise<NatsConnection> {
    const options = { reconnect: false, ignoreAuthErrorAbort: true };
    const connection = await rawClient(name, { servers, nkeySeedFile }, options);
    open.push(connection);
    return connection;
  }
  const captured = (identity: string): Promise<NatsConnection> =>
    connectWith(world.platform.natsServer, world.platform.folder.credential(identity), identity);

  const published = async (by: NatsConnection, subject: string, body: string, lines = headers()): Promise<unknown> =>
    by.request(subject, body, { headers: lines, timeout: 2000 }).then(
      (reply) => reply.json(),
      (error: unknown) => String(error),
    );

  test('the credentials of enrollment: can spoil an account, and hides no event by that', async () => {
    const device = await world.owner();
    const enrollment = await captured('enrollment');
    const giant = JSON.stringify({ type: 'accepted', text: 'x'.repeat(200_000) });
    for (const body of ['', 'null', '{', giant])
      expect(await published(enrollment, `ledger.acme.${device.accountId}`, body)).toHaveProperty('seq');
    const verdict = app.verify({ account: device.account, code: device.code() }, { timeoutMs: 1000 });
    await expect(verdict).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const other = await world.owner();
    const audit = await world.caller('audit');
    const events = [];
    for (let after = 0, more = true, pages = 0; more && pages < 20; pages += 1) {
      const page = await audit.events({ after });
      events.push(...page.events);
      ({ next: after, more } = page);
    }
    expect(events.filter(({ type }) => type === 'unreadable')).toHaveLength(4);
    expect(events.find(({ account, type }) => account === other.accountId && type === 'confirmed')).toBeDefined();
  });

  test.each([
    ['ledger.acme.x', 'all'],
    ['ledger.acme.x', 'sub'],
    ['$KV.directory.x', 'all'],
    ['$KV.directory.x', 'sub'],
  ])('the credentials of enrollment: cannot roll up %s (%s)', async (subject, kind) => {
    const rollup = headers();
    rollup.set('Nats-Rollup', kind);
    expect(await published(await captured('enrollment'), subject, '{}', rollup)).toMatchObject({
      error: { description: 'rollup not permitted' },
    });
  });

  test('Redis: what nobody can believe leaves verdicts as they are, for every name', async () => {
    const device = await world.owner();
    const attempts = [FORGE, FORGE, REPLACE];
    for (const [round, script] of attempts.entries()) {
      const stranger = await app.verify({ account: 'nobody-there', code: '000000' });
      expect(stranger).toMatchObject({ reason: 'wrong_code', attemptsLeft: 4 - round });
      expect(await app.verify({ account: device.account, code: device.code() })).toMatchObject({ verdict: 'accepted' });
      await world.platform.askRedis(['EVAL', script, '0', ...(round === 1 ? ['closed', 'never'] : [])]);
    }
    expect(await app.verify({ account: device.account, code: device.code() })).toMatchObject({ verdict: 'accepted' });
    expect(await app.verify({ account: 'nobody-there', code: '000000' })).toMatchObject({ reason: 'wrong_code' });
  });

  test('a caller: fills no server with subscriptions', async () => {
    const { servers, nkeySeedFile } = world.platform.callerCredentials('acme', 'app');
    const greedy = await connectWith(servers, nkeySeedFile, 'app');
    const refused = (async () => {
      for await (const status of greedy.status()) if (status.type === 'error') return String(status.error);
      return 'never';
    })();
    for (let each = 0; each < 300; each += 1) greedy.subscribe(`_INBOX_app.${each}`, { callback: () => undefined });
    expect(await refused).toMatch(/maximum subscriptions exceeded/i);
    const device = await world.owner();
    expect(await app.verify({ account: device.account, code: device.code() })).toMatchObject({ verdict: 'accepted' });
  });

  test('long polls in one burst leave room for others', async () => {
    const { servers, nkeySeedFile } = world.platform.callerCredentials('beta', 'audit');
    const greedy = await connectWith(servers, nkeySeedFile, 'audit');
    const question = JSON.stringify({ after: Number.MAX_SAFE_INTEGER, waitMs: 2000 });
    const polls = Array.from({ length: 400 }, () =>
      greedy.request('countersign.v1.audit.audit.events', question, { timeout: 8000 }).then((reply) => reply.json()),
    );
    await greedy.flush();
    const page = await (await world.caller('audit')).events({ limit: 1 });
    expect(page.events).toHaveLength(1);
    const answers = (await Promise.all(polls)) as { code?: string }[];
    expect(answers.filter(({ code }) => code === undefined)).toHaveLength(128);
  });
});
