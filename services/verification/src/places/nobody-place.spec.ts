import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parseCaller, parseTenant, type MatchItem, type Verdict } from '@countersign/contracts';
import { DEFAULT_RULES, judge, type Standing } from '@countersign/account';
import type { Ledger } from '@countersign/ledger';
import { Secret } from '@countersign/runtime';
import { keptLog, until } from '@countersign/bus/testing';
import { LRUCache } from 'lru-cache';
import { Decider } from '../attempts/decide.js';
import { Digests } from '../attempts/digests.js';
import { Road } from '../attempts/road.js';
import { Slots } from '../attempts/slots.js';
import type { KeyMatcher } from '../keys/key-matcher.js';
import { startRedis, type TestRedis } from '../testing/start-redis.js';
import { CacheServer } from '../windows/cache-server.js';
import { WindowCache } from '../windows/window-cache.js';
import type { Found, PlaceFinder } from './find-place.js';
import { NobodyPlace, type NobodyParts } from './nobody-place.js';

const acme = parseTenant('acme');
const asker = { tenant: acme, caller: parseCaller('shop') };
const secret = new Secret(Buffer.alloc(32, 1));
const PATIENT_MS = 5000; // a busy machine is no Redis that is gone
const FOR_EVER = { remainingMs: () => 3_600_000 };
let redis: TestRedis;
const servers: CacheServer[] = [];
let now = 1_800_000_000_000;
let sequence = 0;
let name = 'nobody-0';
let events: unknown[];
let matched: MatchItem[];
/** what another does just before and just after an event is stored */
let before: () => Promise<void>;
let after: () => Promise<void>;

beforeAll(async () => {
  redis = await startRedis();
  for (let each = 0; each < 2; each += 1) servers.push(new CacheServer(redis.config, keptLog().log, PATIENT_MS));
  await until('both answer', () => servers.every(({ answering }) => answering));
});
afterAll(async () => {
  for (const server of servers) server.close();
  await redis.stop();
});
beforeEach(() => {
  name = `nobody-${(sequence += 1)}`;
  events = [];
  matched = [];
  before = after = () => Promise.resolve();
});

const ledger = {
  identity: 'then',
  assertUsable: () => undefined,
  tenant: async () => ({}),
  nobody: async (_tenant: unknown, event: unknown) => {
    await before();
    const mine = (sequence += 1);
    events.push(event);
    await after();
    return mine;
  },
} as unknown as Ledger;

/** A replica of verification whose every name is unknown. */
function replica(server: CacheServer): (code: string, requestId?: string) => Promise<Verdict> {
  const clock = { now: () => now };
  const { log } = keptLog();
  const parts: NobodyParts = {
    ledger,
    windows: new WindowCache(server, [secret], 60_000, clock, log),
    matcher: { match: async (items: MatchItem[]) => (matched.push(...items), []) } as unknown as KeyMatcher,
    clock,
    shadows: new LRUCache<string, Standing>({ max: 100 }),
  };
  const finder = {
    find: async () => ({ place: new NobodyPlace(parts, acme, name) }) as unknown as Found,
    leadsTo: async () => true,
  } as unknown as PlaceFinder;
  const policies = { of: async () => DEFAULT_RULES };
  const road = new Road(finder, new Slots(), ledger, policies, clock, log);
  const decider = new Decider(road, new Digests([secret], secret));
  return (code, requestId) => decider.decide(asker, { verb: 'verify', of: { name }, code, requestId }, FOR_EVER);
}

describe('a name that nobody has', () => {
  test('has a budget like an account`s, over all replicas, one after the other', async () => {
    const [one, other] = servers.map(replica) as [ReturnType<typeof replica>, ReturnType<typeof replica>];
    const left = [];
    for (const ask of [one, other, one, other, one]) left.push((await ask('123456')).attemptsLeft);
    expect(left).toEqual([4, 3, 2, 1, 0]);
    for (const ask of [one, other, other, one])
      expect(await ask('123456')).toMatchObject({ verdict: 'rejected', reason: 'locked', retryAfterMs: 30_000 });
    expect(matched).toHaveLength(5); // while locked no code is looked at
    now += 30_000;
    expect(await other('123456')).toMatchObject({ reason: 'wrong_code', retryAfterMs: 60_000 });
  });

  test.each(['before', 'after'] as const)('has it too when another replica guesses just %s', async (moment) => {
    const [one, other] = servers.map(replica) as [ReturnType<typeof replica>, ReturnType<typeof replica>];
    let rival: Verdict | undefined;
    const guess = async (): Promise<void> => {
      before = after = () => Promise.resolve();
      rival = await other('123456');
    };
    if (moment === 'before') before = guess;
    else after = guess;
    expect([(await one('123456')).attemptsLeft, rival?.attemptsLeft]).toEqual([3, 4]);
  });

  test('repeats a rejection to the same request, from any replica', async () => {
    const [one, other] = servers.map(replica) as [ReturnType<typeof replica>, ReturnType<typeof replica>];
    const first = await one('123456', 'r');
    expect(await other('123456', 'r')).toEqual({ ...first, repeated: true });
    expect(await one('123456', 'r')).toEqual({ ...first, repeated: true });
  });

  test('keeps its budget on a replica while Redis is flushed', async () => {
    const [one] = servers.map(replica) as [ReturnType<typeof replica>];
    await one('123456');
    await redis.client().flushall();
    expect((await one('123456')).attemptsLeft).toBe(3);
    expect((await one('123456')).attemptsLeft).toBe(2);
  });

  test('keeps its budget, and is answered as ever, while Redis holds what nobody believes', async () => {
    const [one] = servers.map(replica) as [ReturnType<typeof replica>];
    await one('123456');
    const [window = ''] = await redis.client().keys(`*${name}`);
    await redis.client().hset(window, 'sequence', '9e15', 'mac', 'forged');
    expect((await one('123456')).attemptsLeft).toBe(3);
    expect((await one('123456')).attemptsLeft).toBe(2);
    expect(events).toHaveLength(3);
  });

  test('is matched against the decoy, counted by the name`s HMAC, and leaves nothing of itself in the ledger', async () => {
    const [one] = servers.map(replica) as [ReturnType<typeof replica>];
    await one('123456', 'r');
    expect(matched).toEqual([expect.objectContaining({ reference: 'decoy', account: '_decoy', device: name })]);
    expect(events).toEqual([{ type: 'nobody', at: now, by: 'shop' }]);
  });

  test('looks like an account with one TOTP device: the same fields of a verdict', async () => {
    const [one] = servers.map(replica) as [ReturnType<typeof replica>];
    const device = { id: '0123456789ab', type: 'totp', status: 'active', epoch: 1, record: 1, floor: 0 } as never;
    const profile = { type: 'totp', algorithm: 'SHA1', digits: 6, stepSeconds: 30, t0Seconds: 0, counter: 0 } as const;
    const decision = judge(
      { state: { v: 1, names: 1, devices: [device] }, sequence: 1 },
      { verb: 'verify', by: 'shop' },
      new Map([['0123456789ab' as never, profile]]),
      now,
      [],
    );
    if (decision.kind !== 'append') throw new Error(decision.kind);
    const real = decision.answer(9);
    expect({ ...(await one('123456')), sequence: 9 }).toEqual(real);
  });
});
