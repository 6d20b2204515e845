import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseAccountId, parseTenant, type MatchItem } from '@countersign/contracts';
import type { DeviceRecord, Standing } from '@countersign/account';
import type { AccountReading, Ledger } from '@countersign/ledger';
import { LRUCache } from 'lru-cache';
import type { ChallengeKeys } from '../keys/challenge-keys.js';
import type { KeyMatcher } from '../keys/key-matcher.js';
import { PHONE, withPhone } from '../testing/scripted-place.js';
import type { WindowCache } from '../windows/window-cache.js';
import { AccountPlace } from './account-place.js';
import { Records } from './records.js';

const acme = parseTenant('acme');
const id = parseAccountId('a'.repeat(20));
const profile = { type: 'hotp', algorithm: 'SHA1', digits: 6, stepSeconds: 30, t0Seconds: 0, counter: 0 } as const;
const reading = (sequence: number, readAt = 1000): AccountReading =>
  ({ state: withPhone(), sequence, readAt, event: {} }) as AccountReading;

let last: AccountReading | undefined;
let named: AccountReading | undefined;
let cached: Standing | undefined;
let record: Partial<DeviceRecord>;
let asked: { atLeast: number[]; records: number[]; items: MatchItem[]; settled: Standing[] };
let place: AccountPlace;

beforeEach(() => {
  last = reading(5);
  named = undefined;
  cached = undefined;
  record = { device: PHONE, epoch: 1, reference: 'ref', profile };
  asked = { atLeast: [], records: [], items: [], settled: [] };
  const ledger = {
    identity: 'then',
    account: async () => last,
    accountAt: async () => named,
    record: async (sequence: number) => (asked.records.push(sequence), record),
    append: async (_tenant: unknown, _id: unknown, _event: unknown, after: number) => ({
      kind: 'stored',
      sequence: after + 1,
    }),
  } as unknown as Ledger;
  const windows = {
    admit: async (_name: unknown, atLeast: number) => (asked.atLeast.push(atLeast), cached),
    settle: async (_name: unknown, standing: Standing) => (asked.settled.push(standing), true),
  } as unknown as WindowCache;
  const matcher = { match: async (items: MatchItem[]) => (asked.items.push(...items), []) } as unknown as KeyMatcher;
  const keys = {} as ChallengeKeys;
  const seen = new LRUCache<string, number>({ max: 100 });
  place = new AccountPlace({ ledger, windows, matcher, keys, seen, records: new Records(ledger, 100) }, acme, id);
});

test('a cached standing is as old as can be; without one the ledger is read', async () => {
  expect(await place.standing()).toEqual(reading(5));
  cached = { state: withPhone(), sequence: 6 };
  expect(await place.standing()).toEqual({ ...cached, readAt: 0 });
});

describe('what was seen of an account is the least that may be answered (P4):', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['read', () => place.fresh()],
    [
      'cached',
      () => {
        cached = { state: withPhone(), sequence: 5 };
        return place.standing();
      },
    ],
    ['appended', () => place.append({ type: 'created', at: 1, by: 'x', state: withPhone() }, 4)],
  ])('%s', async (_what, see) => {
    await see();
    last = reading(4);
    named = reading(4);
    cached = undefined;
    await expect(place.fresh()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(place.standing()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(place.after({ kind: 'conflict', last: 4 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    last = undefined;
    await expect(place.fresh()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(asked.atLeast.at(-1)).toBe(5); // and the cache was told
  });
});

test('after a conflict the event it names is judged, and where it names none, the last', async () => {
  named = reading(7, 0);
  expect(await place.after({ kind: 'conflict', last: 7 })).toEqual(named);
  last = reading(8);
  expect(await place.after({ kind: 'conflict' })).toEqual(last);
  named = undefined;
  expect(await place.after({ kind: 'conflict', last: 9 })).toEqual(last);
});

test('what was appended is kept in the cache', async () => {
  const state = withPhone(9);
  await place.append({ type: 'created', at: 1, by: 'x', state }, 5);
  expect(asked.settled).toEqual([{ state, sequence: 6 }]);
});

test('the key service is asked with the record that the state names, which is read once', async () => {
  const [device] = withPhone().devices;
  const candidates = [{ device: device!, from: 2, count: 13, floor: 5, last: 14 }];
  await place.profiles({ state: withPhone(), sequence: 5 });
  await place.match(candidates, '123456');
  await place.match(candidates, '123456');
  expect(asked.records).toEqual([1]);
  expect(asked.items[0]).toEqual({
    reference: 'ref',
    tenant: 'acme',
    account: id,
    device: PHONE,
    epoch: 1,
    algorithm: 'SHA1',
    digits: 6,
    from: 2,
    count: 13,
    spent: 5,
    floor: 5,
    code: '123456',
  });
});

test.each([{ device: 'zzzzzzzzzzzz' as typeof PHONE }, { epoch: 2 }])(
  'a record of another key (%j) is not used: UNAVAILABLE',
  async (other) => {
    Object.assign(record, other);
    await expect(place.profiles({ state: withPhone(), sequence: 5 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  },
);
