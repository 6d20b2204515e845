import { beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY, Failure, parseCaller, parseTenant, type Verdict } from '@countersign/contracts';
import { DEFAULT_RULES, newAccount, type AccountState, type Rules } from '@countersign/account';
import type { Appended, Ledger, Waiting } from '@countersign/ledger';
import { Secret } from '@countersign/runtime';
import { keptLog } from '@countersign/bus/testing';
import type { Found, PlaceFinder } from '../places/find-place.js';
import { PHONE, ScriptedPlace, withPhone } from '../testing/scripted-place.js';
import { Decider, type Submission } from './decide.js';
import { Digests } from './digests.js';
import { Road } from './road.js';
import { Slots } from './slots.js';

const START = 1_800_000_000_000;
const asker = { tenant: parseTenant('acme'), caller: parseCaller('shop') };
const FOR_EVER: Waiting = { remainingMs: () => 3_600_000 };
const RIGHT = '000005';
const WRONG = '999999';

let now: number;
let usable: () => void;
let place: ScriptedPlace;
let nobody: ScriptedPlace;
let leads: () => boolean;
let places: () => ScriptedPlace;
let rules: Rules;
let policy: () => Promise<Rules>;
let slots: Slots;
let decider: Decider;

beforeEach(() => {
  now = START;
  usable = () => undefined;
  place = new ScriptedPlace('ada');
  nobody = new ScriptedPlace('nobody');
  for (const each of [place, nobody]) each.now = () => now;
  leads = () => true;
  places = () => place;
  rules = DEFAULT_RULES;
  policy = async () => rules;
  slots = new Slots();
  const finder = {
    find: async () => ({ place: places() }) as unknown as Found,
    leadsTo: async () => leads(),
    withoutAccount: () => ({ place: nobody }) as unknown as Found,
  } as unknown as PlaceFinder;
  const secret = new Secret(Buffer.alloc(32, 1));
  const ledger = { assertUsable: () => usable() } as Ledger;
  const policies = { of: () => policy() };
  const clock = { now: () => now };
  const road = new Road(finder, slots, ledger, policies, clock, keptLog().log);
  decider = new Decider(road, new Digests([secret], secret));
});

const submit = (code: string, more: Partial<Submission> = {}, waiting = FOR_EVER): Promise<Verdict> =>
  decider.decide(asker, { verb: 'verify', of: { name: 'ada' }, code, ...more }, waiting);
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
/** Somebody who waits until the test says that they went away. */
function patience(): Waiting & { goAway(): void } {
  let leftMs = 40;
  return { remainingMs: () => leftMs, goAway: () => (leftMs = 0) };
}
const lockedState = (): AccountState =>
  withPhone(5, { unknown: { wrong: 5, at: START - 1_000, noted: START / 60_000 } });

describe('a code', () => {
  test('is accepted once, and answered only with its own append', async () => {
    expect(await submit(RIGHT)).toEqual({ verdict: 'accepted', device: PHONE, sequence: 2, at: START });
    expect(await submit(RIGHT)).toMatchObject({ verdict: 'rejected', reason: 'replayed' });
    expect(place.events.map(({ type }) => type)).toEqual(['accepted', 'replayed']);
  });

  test('that many send at once is accepted once', async () => {
    const told = await Promise.all([1, 2, 3, 4, 5].map(() => submit(RIGHT)));
    expect(told.filter(({ verdict }) => verdict === 'accepted')).toHaveLength(1);
  });

  test('judged from a cached state that is no longer the last is judged again from the last', async () => {
    place.cached = { state: withPhone(5), sequence: 1, readAt: 0 };
    place.store({ state: withPhone(6) });
    expect(await submit(RIGHT)).toMatchObject({ verdict: 'rejected', reason: 'replayed', sequence: 3 });
    expect(place.told).toEqual(['standing', 'match', 'append accepted', 'after', 'match', 'append replayed']);
  });

  test('of a device that is revoked between match and append is not accepted (I4)', async () => {
    const append = place.append.bind(place);
    place.append = async (event, after) => {
      place.append = append;
      place.store({ state: { ...newAccount(), devices: [{ ...withPhone().devices[0]!, status: 'revoked' }] } });
      return append(event, after);
    };
    expect(await submit(RIGHT)).toMatchObject({ verdict: 'rejected', reason: 'disabled' });
    expect(place.events.map(({ type }) => type)).not.toContain('accepted');
  });

  test('wrong, while another wrong one comes between: both are counted (I2)', async () => {
    const append = place.append.bind(place);
    place.append = async (event, after) => {
      place.append = append;
      place.store({ state: withPhone(5, { unknown: { wrong: 3, at: now } }) });
      return append(event, after);
    };
    expect(await submit(WRONG)).toMatchObject({ reason: 'wrong_code', attemptsLeft: 1 });
    expect(place.last?.state.unknown?.wrong).toBe(4);
  });

  test('that meets only conflicts is UNAVAILABLE after 8, whether it is right or wrong', async () => {
    for (const code of [RIGHT, WRONG]) {
      place.told.length = 0;
      place.append = async (): Promise<Appended> => ({ kind: 'conflict' });
      await expect(submit(code)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfterMs: 100 });
      expect(place.told.filter((each) => each === 'match')).toHaveLength(8);
    }
  });
});

describe('the policy', () => {
  test('that is in force judges, and the event says which', async () => {
    rules = { version: 40, policy: { ...DEFAULT_POLICY, freeAttempts: 1, hotpLookAhead: 2 } };
    expect(await submit('000007')).toMatchObject({ reason: 'wrong_code', attemptsLeft: 0, retryAfterMs: 30_000 });
    expect(place.events).toMatchObject([{ type: 'rejected', policyVersion: 40 }]);
    rules = DEFAULT_RULES;
    expect(await submit('000007')).toMatchObject({ verdict: 'accepted' });
  });

  test('that is decided while the key service takes its time judges already', async () => {
    place.match = async (candidates, code) => {
      rules = { version: 41, policy: { ...DEFAULT_POLICY, hotpLookAhead: 2 } };
      return ScriptedPlace.prototype.match.call(place, candidates, code);
    };
    expect(await submit('000007')).toMatchObject({ reason: 'wrong_code', sequence: 2 });
    expect(place.events).toMatchObject([{ type: 'rejected', policyVersion: 41 }]);
  });

  test('that cannot be read any more when the key service answers lets nothing be decided, right or wrong', async () => {
    place.match = async (candidates, code) => {
      policy = () => Promise.reject(new Failure('UNAVAILABLE', 'no leader'));
      return ScriptedPlace.prototype.match.call(place, candidates, code);
    };
    for (const code of [RIGHT, WRONG]) {
      policy = async () => rules;
      await expect(submit(code)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    }
    expect(place.events).toEqual([]);
  });

  test('that cannot be read lets no code be looked at', async () => {
    policy = () => Promise.reject(new Failure('UNAVAILABLE', 'no leader'));
    await expect(submit(RIGHT)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(place.told).not.toContain('match');
  });
});

describe('what appends nothing is answered from the ledger as it was within a second:', () => {
  test.each<[string, AccountState, Partial<Submission>, object]>([
    ['locked', lockedState(), {}, { reason: 'locked', retryAfterMs: 29_000 }],
    ['disabled', newAccount(), {}, { reason: 'disabled' }],
    ['frozen', withPhone(5, { frozen: true }), {}, { reason: 'frozen' }],
  ])('%s', async (_what, state, more, verdict) => {
    place.cached = { state, sequence: 1, readAt: 0 };
    place.store({ state });
    expect(await submit(RIGHT, more)).toMatchObject({ verdict: 'rejected', sequence: 2, ...verdict });
    expect(place.told).toEqual(['standing', 'fresh']);
  });

  test('a budget that an operator has reopened, of which the cache does not know', async () => {
    place.cached = { state: lockedState(), sequence: 1, readAt: 0 };
    place.store({ state: withPhone() });
    expect(await submit(RIGHT)).toMatchObject({ verdict: 'accepted' });
  });

  test.each([
    ['took 1001 ms', 1_001],
    ['took no time, by a clock that went back an hour', -3_600_000],
  ])('a reading that %s is read again', async (_what, passedMs) => {
    place.last = { state: lockedState(), sequence: 1 };
    const fresh = place.fresh.bind(place);
    place.fresh = async () => {
      const reading = await fresh();
      if (place.told.filter((each) => each === 'fresh').length === 1) now += passedMs;
      return reading;
    };
    expect(await submit(RIGHT)).toMatchObject({ reason: 'locked' });
    expect(place.told).toEqual(['standing', 'fresh', 'fresh']);
  });

  test('a rejection that is repeated, and a confirmation of no such device', async () => {
    expect(await submit(WRONG, { requestId: 'r' })).toMatchObject({ reason: 'wrong_code', attemptsLeft: 4 });
    place.cached = { ...place.last!, readAt: 0 };
    place.told.length = 0;
    expect(await submit(WRONG, { requestId: 'r' })).toMatchObject({ reason: 'wrong_code', repeated: true });
    expect(place.told).toEqual(['standing', 'fresh']);
    await expect(submit(RIGHT, { verb: 'device.confirm', device: 'zzzzzzzzzzzz' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(place.told.slice(2)).toEqual(['standing', 'fresh']);
  });
});

test('an acceptance is repeated for its own request only, and after an append', async () => {
  const first = await submit(RIGHT, { requestId: 'r' });
  expect(await submit(RIGHT, { requestId: 'r' })).toEqual({ ...first, repeated: true });
  expect(await submit(RIGHT, { requestId: 's' })).toMatchObject({ verdict: 'rejected', reason: 'replayed' });
  expect(place.events.map(({ type }) => type)).toEqual(['accepted', 'repeated', 'replayed']);
});

describe('while the premises do not hold', () => {
  const unsound = (): void => {
    throw new Failure('UNAVAILABLE', 'the clock');
  };
  test.each([
    ['a right code', withPhone(), RIGHT],
    ['a wrong code', withPhone(), WRONG],
    ['a locked account', lockedState(), RIGHT],
    ['an account without a device', newAccount(), RIGHT],
  ])('%s is UNAVAILABLE, and nothing is evaluated', async (_what, state, code) => {
    usable = unsound;
    place.last = { state, sequence: 1 };
    await expect(submit(code)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(place.told).not.toContain('match');
    expect(place.events).toEqual([]);
  });

  test('that end to hold just before evaluation: nothing is evaluated', async () => {
    place.profiles = async () => {
      usable = unsound;
      return ScriptedPlace.prototype.profiles.call(place);
    };
    await expect(submit(RIGHT)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(place.told).not.toContain('match');
  });
});

describe('when nobody waits any longer', () => {
  test('before the evaluation, nothing is evaluated', async () => {
    const waiting = patience();
    place.profiles = async () => {
      waiting.goAway();
      return ScriptedPlace.prototype.profiles.call(place);
    };
    await expect(submit(RIGHT, {}, waiting)).rejects.toBeInstanceOf(Failure);
    await turns();
    expect(place.told).not.toContain('match');
  });

  test('after the evaluation, it goes on to its append', async () => {
    const waiting = patience();
    place.match = async (candidates, code) => {
      waiting.goAway();
      return ScriptedPlace.prototype.match.call(place, candidates, code);
    };
    await submit(RIGHT, {}, waiting).catch(() => undefined);
    await turns();
    expect(place.events.map(({ type }) => type)).toEqual(['accepted']);
  });

  test.each([RIGHT, WRONG])(
    'for an append that is being settled (%s): OUTCOME_UNKNOWN, the slot is held, and the retry gets the verdict',
    async (code) => {
      let settle: () => void = () => undefined;
      const append = place.append.bind(place);
      place.append = async (event, after) => {
        place.append = append;
        await new Promise<void>((resolve) => (settle = resolve));
        return append(event, after);
      };
      const waiting = patience();
      await expect(submit(code, { requestId: 'r' }, waiting)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
      waiting.goAway();
      const retry = submit(code, { requestId: 'r' });
      await turns();
      expect(place.told).toEqual(['standing', 'fresh', 'match']); // the retry waits for the slot
      settle();
      expect(await retry).toMatchObject({ verdict: code === RIGHT ? 'accepted' : 'rejected', repeated: true });
    },
  );

  test('those who waited for the slot in vain read nothing when they get it', async () => {
    let settle: () => void = () => undefined;
    const append = place.append.bind(place);
    place.append = async (event, after) => {
      await new Promise<void>((resolve) => (settle = resolve));
      return append(event, after);
    };
    const first = submit(RIGHT);
    await turns();
    const waiting = patience();
    const gaveUp = submit(WRONG, {}, waiting);
    await expect(gaveUp).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    waiting.goAway();
    settle();
    expect((await first).verdict).toBe('accepted');
    await turns();
    expect(place.told).toEqual(['standing', 'fresh', 'match', 'append accepted']);
  });

  test('the fifth that waits for a slot is BUSY, whether its code is right or wrong', async () => {
    place.append = () => new Promise(() => undefined);
    const waiting = patience();
    const stuck = [1, 2, 3, 4, 5].map(() => submit(RIGHT, {}, waiting).catch(() => undefined));
    await turns();
    for (const code of [RIGHT, WRONG]) await expect(submit(code)).rejects.toMatchObject({ code: 'BUSY' });
    await Promise.all(stuck);
  });
});

describe('a name', () => {
  test('without an account is judged as nobody`s', async () => {
    place.last = undefined;
    expect(await submit(RIGHT)).toMatchObject({ sequence: 2 });
    expect(place.told).toEqual(['standing', 'fresh']);
    expect(nobody.told).toContain('match');
  });

  test('that has moved is judged where it leads now, and nothing was evaluated before', async () => {
    const other = new ScriptedPlace('other');
    other.now = () => now;
    let moved = false;
    places = () => (moved ? other : place);
    leads = () => {
      const there = moved;
      moved = true;
      return there;
    };
    expect((await submit(RIGHT)).verdict).toBe('accepted');
    expect(place.told).not.toContain('match');
    expect(other.events).toHaveLength(1);
  });

  test('that moves while its code is judged: the event that moved it makes the append conflict', async () => {
    const other = new ScriptedPlace('other');
    other.now = () => now;
    const append = place.append.bind(place);
    place.append = async (event, after) => {
      place.append = append;
      place.store({ state: withPhone(5, { names: 2 }) });
      places = () => other;
      leads = () => places() === other && other.told.length > 0;
      return append(event, after);
    };
    await submit(RIGHT);
    expect(place.events.map(({ type }) => type)).not.toContain('accepted');
    expect(other.events.map(({ type }) => type)).toEqual(['accepted']);
  });

  test('that keeps moving is UNAVAILABLE', async () => {
    leads = () => false;
    await expect(submit(RIGHT)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(place.told).not.toContain('match');
  });
});

test('no code, request id or origin is in an event', async () => {
  await submit(RIGHT, { requestId: 'request-77', origin: 'cookie-77' });
  const text = JSON.stringify(place.events);
  for (const secret of [RIGHT, 'request-77', 'cookie-77']) expect(text).not.toContain(secret);
});
