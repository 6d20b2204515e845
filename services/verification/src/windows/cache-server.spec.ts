import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { SystemClock, Secret, sleep } from '@countersign/runtime';
import { keptLog, until } from '@countersign/bus/testing';
import { newAccount } from '@countersign/account';
import { startRedis, type TestRedis } from '../testing/start-redis.js';
import { CacheServer } from './cache-server.js';
import { WindowCache } from './window-cache.js';

let redis: TestRedis;
const opened: CacheServer[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterEach(() => {
  for (const server of opened.splice(0)) server.close();
});
afterAll(() => redis.stop());

async function open(config = redis.config): Promise<{ server: CacheServer; lines: Record<string, unknown>[] }> {
  const { log, lines } = keptLog();
  const server = new CacheServer(config, log);
  opened.push(server);
  if (config === redis.config) await until('the cache answers', () => server.answering);
  return { server, lines };
}

const PING = (server: CacheServer): Promise<string | undefined> => server.ask((client) => client.info('server'));
async function timed(work: () => Promise<unknown>): Promise<{ ms: number; result: unknown }> {
  const startMs = performance.now();
  const result = await work();
  return { ms: performance.now() - startMs, result };
}

test('what it is asked it answers', async () => {
  const { server } = await open();
  expect(await PING(server)).toContain('run_id:');
});

test('stopped, it costs those under way 50 ms once, and everybody after them nothing; it comes back by itself', async () => {
  const { server, lines } = await open();
  redis.pause();
  try {
    const underWay = await Promise.all([1, 2, 3].map(() => timed(() => PING(server))));
    for (const { ms, result } of underWay) {
      expect(result).toBeUndefined();
      expect(ms).toBeLessThan(1000); // 50, and what a busy machine adds
    }
    const { ms } = await timed(async () => {
      for (let times = 0; times < 1000; times += 1) expect(await PING(server)).toBeUndefined();
    });
    expect(ms).toBeLessThan(5000); // a thousand of them, which would be 50 s if each waited
    await sleep(600); // a probe finds it silent still
    expect(server.answering).toBe(false);
  } finally {
    redis.resume();
  }
  await until('it answers again', () => server.answering);
  expect(await PING(server)).toContain('run_id:');
  expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
});

test('killed, it costs nothing; started again, it is another cache, and what the old one kept is not looked up', async () => {
  const { server } = await open();
  const names: string[] = [];
  await server.ask(async (_client, space) => names.push(space));
  await redis.kill();
  await until('it is noticed', () => !server.answering);
  expect((await timed(() => PING(server))).ms).toBeLessThan(50);
  await redis.start();
  await until('it answers again', () => server.answering);
  await server.ask(async (_client, space) => names.push(space));
  expect(names).toHaveLength(2);
  expect(names[1]).not.toBe(names[0]);
});

describe('never there', () => {
  test.each([
    ['nothing listens', () => ({ ...redis.config, at: { kind: 'server', host: '127.0.0.1', port: 1 } as const })],
    ['the password is wrong', () => ({ ...redis.config, password: Secret.fromText('wrong') })],
  ])('because %s: undefined at once, said once', async (_what, config) => {
    const { server, lines } = await open(config());
    expect((await timed(() => PING(server))).result).toBeUndefined();
    await until('it is said', () => lines.some(({ level }) => level === 'warn'));
    await sleep(700); // another probe
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain('only for this test');
    expect(server.answering).toBe(false);
  });
});

test('flushed, with its scripts, it is empty and works', async () => {
  const { server } = await open();
  const { log } = keptLog();
  const windows = new WindowCache(server, [Secret.fromText('s'.repeat(32))], 60_000, new SystemClock(), log);
  const name = { stream: 'then', subject: 'ledger.acme.flushed' };
  expect(await windows.settle(name, { state: newAccount(), sequence: 7 })).toBe(true);
  expect((await windows.admit(name, 0))?.sequence).toBe(7);
  const client = redis.client();
  await client.flushall();
  await client.script('FLUSH');
  expect(await windows.admit(name, 0)).toBeUndefined();
  expect(await windows.settle(name, { state: newAccount(), sequence: 6 })).toBe(true);
  expect((await windows.admit(name, 0))?.sequence).toBe(6);
});
