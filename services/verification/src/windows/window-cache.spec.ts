import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Secret, SystemClock } from '@countersign/runtime';
import { keptLog, until } from '@countersign/bus/testing';
import { newAccount, type AccountState, type Standing } from '@countersign/account';
import type { Redis } from 'ioredis';
import { startRedis, type TestRedis } from '../testing/start-redis.js';
import { CacheServer } from './cache-server.js';
import { WindowCache, type WindowName } from './window-cache.js';

const PATIENT_MS = 5000; // these tests are of what is kept, not of how soon it is given up
const NOWHERE = { kind: 'server', host: '127.0.0.1', port: 1 } as const;
const NOW = 1_800_000_000_000;
const OLD = Buffer.alloc(32, 1);
const NEW = Buffer.alloc(32, 2);
let redis: TestRedis;
let server: CacheServer;
let client: Redis;
let made = 0;
let name: WindowName;

beforeAll(async () => {
  redis = await startRedis();
  server = new CacheServer(redis.config, keptLog().log, PATIENT_MS);
  client = redis.client();
  await until('the cache answers', () => server.answering);
});
afterAll(async () => {
  server.close();
  await redis.stop();
});
beforeEach(() => {
  name = { stream: '2026-01-01T00:00:00Z', subject: `ledger.acme.${(made += 1)}` };
});

function cache(...secrets: Buffer[]): WindowCache {
  const { log } = keptLog();
  return new WindowCache(
    server,
    secrets.map((each) => new Secret(each)),
    60_000,
    { now: () => NOW },
    log,
  );
}
const standing = (sequence: number, more: Partial<AccountState> = {}): Standing => ({
  state: { ...newAccount(), ...more },
  sequence,
});

/** The one key in Redis that ends with the window's subject. */
async function keyOf({ stream, subject }: WindowName): Promise<string> {
  const keys = (await client.keys('*')).filter((key) => key.endsWith(`:window:${stream}:${subject}`));
  expect(keys).toHaveLength(1);
  return keys[0]!;
}

test('what was settled is admitted, with its sequence', async () => {
  const windows = cache(NEW);
  expect(await windows.admit(name, 0)).toBeUndefined();
  await windows.settle(name, standing(7, { names: 3 }));
  expect(await windows.admit(name, 7)).toEqual(standing(7, { names: 3 }));
});

test('what is older than was seen is absent', async () => {
  const windows = cache(NEW);
  await windows.settle(name, standing(7));
  expect(await windows.admit(name, 8)).toBeUndefined();
});

test('an earlier state never takes the place of a later one', async () => {
  const windows = cache(NEW);
  expect(await windows.settle(name, standing(7))).toBe(true);
  expect(await windows.settle(name, standing(6))).toBe(false);
  expect(await windows.settle(name, standing(7, { names: 9 }))).toBe(false);
  expect(await windows.admit(name, 0)).toEqual(standing(7));
});

test('where it matters what it follows, one that did not see the kept one is not kept', async () => {
  const windows = cache(NEW);
  expect(await windows.settle(name, standing(7), 0)).toBe(true);
  expect(await windows.settle(name, standing(9), 0)).toBe(false);
  expect(await windows.settle(name, standing(9), 7)).toBe(true);
  expect(await windows.settle(name, standing(12), 11)).toBe(true); // Redis had missed 11
});

test('a window ends', async () => {
  const windows = cache(NEW);
  await windows.settle(name, standing(7));
  const left = await client.pttl(await keyOf(name));
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(60_000);
});

describe('a closed budget', () => {
  const closed = standing(7, { unknown: { wrong: 5, at: NOW - 1_000 } });
  test('is not admitted, since only the ledger refuses, unless the window is all there is', async () => {
    const windows = cache(NEW);
    await windows.settle(name, closed);
    expect(await windows.admit(name, 0)).toBeUndefined();
    expect(await windows.admit(name, 0, 'too')).toEqual(closed);
  });

  test('that has opened again is admitted; one that only an operator opens is not', async () => {
    const windows = cache(NEW);
    await windows.settle(name, standing(7, { unknown: { wrong: 5, at: NOW - 30_000 } }));
    expect((await windows.admit(name, 0))?.sequence).toBe(7);
    await windows.settle(name, standing(8, { known: { wrong: 100, at: 0 } }));
    expect(await windows.admit(name, 0)).toBeUndefined();
  });
});

describe('what does not verify is absent:', () => {
  const FIELDS = ['sequence', 'value', 'mac'] as const;

  test.each(FIELDS)('%s of another window', async (field) => {
    const windows = cache(NEW);
    const other = { ...name, subject: `${name.subject}x` };
    await windows.settle(name, standing(7));
    await windows.settle(other, standing(8, { names: 2 }));
    await client.hset(await keyOf(name), field, (await client.hget(await keyOf(other), field))!);
    expect(await windows.admit(name, 0)).toBeUndefined();
  });

  test.each(FIELDS)('%s of the same window at an earlier time', async (field) => {
    const windows = cache(NEW);
    await windows.settle(name, standing(7));
    const earlier = await client.hget(await keyOf(name), field);
    await windows.settle(name, standing(8, { names: 2 }));
    await client.hset(await keyOf(name), field, earlier!);
    expect(await windows.admit(name, 0)).toBeUndefined();
  });

  test('a whole window under another account`s key, or from another stream', async () => {
    const windows = cache(NEW);
    await windows.settle(name, standing(7));
    const fields = await client.hgetall(await keyOf(name));
    for (const other of [
      { ...name, subject: 'ledger.beta.1' },
      { ...name, stream: '2027-01-01T00:00:00Z' },
    ]) {
      await client.hset(
        (await keyOf(name)).replace(`${name.stream}:${name.subject}`, `${other.stream}:${other.subject}`),
        fields,
      );
      expect(await windows.admit(other, 0)).toBeUndefined();
    }
    expect((await windows.admit(name, 0))?.sequence).toBe(7); // the original is as it was
  });

  test.each<[string, Record<string, string>]>([
    ['no mac', { mac: '' }],
    ['a mac cut short', { mac: 'AAAA' }],
    ['a sequence spelt otherwise', { sequence: '7.0' }],
    ['a value that is not JSON', { value: '{' }],
    ['a sequence that is no number', { sequence: 'x' }],
  ])('%s', async (_what, fields) => {
    const windows = cache(NEW);
    await windows.settle(name, standing(7));
    await client.hset(await keyOf(name), fields);
    expect(await windows.admit(name, 0)).toBeUndefined();
    expect(server.answering).toBe(true);
  });

  test('one under a secret that nobody shares', async () => {
    await cache(OLD).settle(name, standing(7));
    expect(await cache(NEW).admit(name, 0)).toBeUndefined();
  });
});

test('a sequence that is no number is written over', async () => {
  const windows = cache(NEW);
  await windows.settle(name, standing(7));
  await client.hset(await keyOf(name), 'sequence', 'x');
  expect(await windows.settle(name, standing(8))).toBe(true);
  expect((await windows.admit(name, 0))?.sequence).toBe(8);
});

test('during a rotation both secrets are believed, and the present one is written', async () => {
  await cache(OLD).settle(name, standing(7));
  const between = cache(NEW, OLD);
  expect((await between.admit(name, 0))?.sequence).toBe(7);
  await between.settle(name, standing(8));
  expect(await cache(OLD).admit(name, 0)).toBeUndefined();
  expect((await cache(NEW).admit(name, 0))?.sequence).toBe(8);
});

test('the MAC covers stream, subject, sequence and value, in that order', async () => {
  await cache(NEW).settle(name, standing(7));
  const { sequence, value, mac } = await client.hgetall(await keyOf(name));
  const text = `window\0${name.stream}\0${name.subject}\0${sequence}\0${value}`;
  expect(mac).toBe(createHmac('sha256', NEW).update(text).digest('base64url'));
});

test('a state of a newer version is UNAVAILABLE, not a guess', async () => {
  const windows = cache(NEW);
  await windows.settle(name, standing(7, { v: 2 }));
  await expect(windows.admit(name, 0)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('without Redis nothing is admitted or kept', async () => {
  const gone = new CacheServer({ ...redis.config, at: NOWHERE }, keptLog().log);
  const windows = new WindowCache(gone, [new Secret(NEW)], 60_000, new SystemClock(), keptLog().log);
  expect(await windows.settle(name, standing(7))).toBeUndefined();
  expect(await windows.admit(name, 0)).toBeUndefined();
  gone.close();
});
