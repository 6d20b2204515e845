import { describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY, MAX_RANGE, POLICY_RANGES, type DeviceId, type Policy } from '@countersign/contracts';
import {
  DAY,
  MINUTE,
  NOW,
  PHONE,
  SECOND,
  STEP,
  TOKEN,
  WRONG,
  account,
  attempt,
  decide,
  device,
  phone,
  profile,
  profilesOf,
  shows,
  standing,
  token,
  told,
} from '../test/accounts.js';
import { MAX_GUESS_WIDTH, imported, judge, parsePolicy, windowOf, type Rules, type Standing } from './index.js';

const rules = (policy: Partial<Policy>): Rules => ({ version: 9, policy: { ...DEFAULT_POLICY, ...policy } });
const right = shows(PHONE, STEP);
const ONE = standing(account([phone()]));

describe('a policy decides', () => {
  test('how many wrong codes are free, how long the waits are, and when only an operator helps', () => {
    const strict = rules({ freeAttempts: 2, firstDelayMs: 5000, longestDelayMs: 30_000, operatorAfter: 10 });
    let at = ONE;
    let now = NOW;
    const waits: (number | undefined)[] = [];
    for (let guess = 0; guess < 10; guess += 1) {
      const { verdict, next } = told(at, attempt(), now, WRONG, strict);
      waits.push(verdict.retryAfterMs);
      now += verdict.retryAfterMs ?? 0;
      at = next;
    }
    expect(waits).toEqual([undefined, 5000, 10_000, 20_000, 30_000, 30_000, 30_000, 30_000, 30_000, undefined]);
    expect(told(at, attempt(), now + 365 * DAY, right, strict).verdict.reason).toBe('locked');
    expect(told(at, attempt(), now + DAY, shows(PHONE, STEP + (DAY + 150_000) / 30_000)).verdict.verdict).toBe(
      'accepted',
    );
  });

  test('which counters and steps may be accepted', () => {
    const { policy } = rules({ hotpLookAhead: 3, totpStepsBefore: 0, totpStepsAfter: 2 });
    expect(windowOf(token({ floor: 5 }), profile('hotp'), NOW, policy)).toMatchObject({ floor: 5, last: 7 });
    expect(windowOf(phone(), profile('totp'), NOW, policy)).toMatchObject({ floor: STEP, last: STEP + 2 });
  });

  test('how long and how many origins stay known', () => {
    const state = account([phone()], {
      origins: [
        { origin: 'old', at: NOW - 40 * DAY },
        { origin: 'new', at: NOW - DAY },
      ],
      unknown: { wrong: 5, at: NOW },
    });
    const says = (origin: string, policy: Partial<Policy>) =>
      told(standing(state), attempt({ origin }), NOW, right, rules(policy)).verdict;
    expect(says('old', {}).reason).toBe('locked');
    expect(says('old', { originDays: 90 }).verdict).toBe('accepted');
    expect(says('old', { originDays: 90, origins: 1 }).reason).toBe('locked');
    expect(says('new', { originDays: 1 }).reason).toBe('locked');
  });

  test('and the event says by which version it was judged', () => {
    expect(told(ONE, attempt(), NOW, WRONG, rules({})).event).toMatchObject({ type: 'rejected', policyVersion: 9 });
    expect(told(ONE, attempt(), NOW, WRONG).event).not.toHaveProperty('policyVersion');
  });
});

describe('whatever a policy says', () => {
  const extreme = (end: 0 | 1): Policy => ({
    ...DEFAULT_POLICY,
    ...Object.fromEntries(Object.entries(POLICY_RANGES).map(([name, range]) => [name, range[end]])),
    autoResync: end === 1,
  });

  test.each([
    { name: 'the widest', policy: extreme(1) },
    { name: 'the narrowest', policy: extreme(0) },
  ])('every question fits the key service, and one guess hits at most 32 codes: $name', ({ policy }) => {
    const types = ['hotp', 'totp', 'hotp', 'totp', 'totp', 'totp', 'totp', 'totp', 'totp', 'totp', 'hotp'] as const;
    const devices = types.map((type, index) => device(`d${index}`.padEnd(12, 'x') as DeviceId, type));
    const at = standing(account(devices));
    const decision = judge(at, attempt(), profilesOf(at.state), NOW, undefined, { version: 1, policy });
    if (decision.kind !== 'ask') throw new Error(decision.kind);
    expect(decision.candidates.length).toBeGreaterThan(0);
    for (const { count } of decision.candidates) expect(count).toBeLessThanOrEqual(MAX_RANGE);
    const width = decision.candidates.reduce((sum, { floor, last }) => sum + last - floor + 1, 0);
    expect(width).toBeLessThanOrEqual(MAX_GUESS_WIDTH);
  });

  test('a device that a wider policy leaves out is still judged when it is named', () => {
    const devices = [token(), device('token1111111' as DeviceId, 'hotp'), phone()];
    const at = standing(account(devices));
    const wide = rules({ hotpLookAhead: 25 });
    expect(told(at, attempt(), NOW, shows(TOKEN, 29), wide).verdict.verdict).toBe('accepted');
    expect(told(at, attempt(), NOW, right, wide).verdict.reason).toBe('wrong_code');
    expect(told(at, attempt({ device: PHONE }), NOW, right, wide).verdict.verdict).toBe('accepted');
  });

  test('a device is activated only where it fits the windows of the policy', () => {
    const at = standing(account([token()]));
    const added = { id: PHONE, type: 'hotp', epoch: 1, record: 3, floor: 0, namedOnly: false } as const;
    const change = { by: 'ops', at: NOW };
    expect(() => imported(at, added, 'active', change)).not.toThrow();
    const { policy } = rules({ hotpLookAhead: 17 });
    expect(() => imported(at, added, 'active', { ...change, policy })).toThrow(
      expect.objectContaining({ code: 'LIMIT' }),
    );
  });

  test.each([
    ['a number that no tenant may have', { operatorAfter: 101 }],
    ['a field that this code does not know', { captcha: true }],
    ['no policy', 'open'],
  ])('the ledger holding %s is UNAVAILABLE', (_what, policy) => {
    const bytes = Buffer.from(JSON.stringify({ type: 'policy', v: 1, at: NOW, by: 'ops', policy }));
    expect(() => parsePolicy(bytes)).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  });

  test('a policy of a newer version is UNAVAILABLE, and one that says less is completed', () => {
    const stored = (v: number) => Buffer.from(JSON.stringify({ type: 'policy', v, policy: { freeAttempts: 3 } }));
    expect(() => parsePolicy(stored(2))).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
    expect(parsePolicy(stored(1)).policy).toEqual({ ...DEFAULT_POLICY, freeAttempts: 3 });
  });
});

describe('a budget that closes is told of', () => {
  test('by the wrong code that closed it, and by each that keeps it closed for longer', () => {
    const fourth = standing(account([phone()], { unknown: { wrong: 3, at: NOW } }));
    expect(told(fourth, attempt(), NOW, WRONG).event).not.toHaveProperty('closed');
    const fifth = told(standing(account([phone()], { unknown: { wrong: 4, at: NOW } })), attempt(), NOW, WRONG);
    expect(fifth.event).toMatchObject({ type: 'rejected', closed: { budget: 'unknown', until: NOW + 30 * SECOND } });
    const sixth = told(fifth.next, attempt(), NOW + 30 * SECOND, WRONG);
    expect(sixth.event).toMatchObject({ closed: { budget: 'unknown', until: NOW + 90 * SECOND } });
  });

  test('for good by the hundredth', () => {
    const state = account([phone()], { origins: [{ origin: 'o', at: NOW }], known: { wrong: 99, at: NOW - DAY } });
    const { event } = told(standing(state), attempt({ origin: 'o' }), NOW, WRONG);
    expect(event).toMatchObject({ closed: { budget: 'known', until: 'operator' } });
  });
});

describe('wrong codes that sign-ins cleared', () => {
  const tried = (wrong: number, cleared: number, since = NOW - DAY): Standing =>
    standing(account([phone()], { unknown: { wrong, at: NOW - DAY, cleared: { wrong: cleared, since } } }));

  test('cost no waiting any more, and count for thirty days', () => {
    const { next } = told(tried(3, 10), attempt(), NOW, right);
    expect(next.state.unknown).toEqual({ wrong: 0, at: NOW - DAY, cleared: { wrong: 13, since: NOW - DAY } });
    expect(told(next, attempt(), NOW, WRONG).verdict).toMatchObject({ attemptsLeft: 4 });
    const later = told(next, attempt(), NOW + 29 * DAY, WRONG);
    expect(later.next.state.unknown).toEqual({ wrong: 1, at: NOW + 29 * DAY });
  });

  test('close the budget for the rest of the thirty days at a hundred, whether the next code is right or not', () => {
    const last = told(tried(1, 98), attempt(), NOW, WRONG);
    expect(last.verdict).toMatchObject({ reason: 'wrong_code', attemptsLeft: 0, retryAfterMs: 29 * DAY });
    expect(last.event).toMatchObject({ closed: { budget: 'unknown', until: NOW + 29 * DAY } });
    for (const typed of [right, WRONG])
      expect(told(last.next, attempt(), NOW + MINUTE, typed).verdict.reason).toBe('locked');
    expect(decide(last.next, attempt(), NOW + 29 * DAY, WRONG)).toMatchObject({ event: { type: 'rejected' } });
  });

  test('say how few are left', () => {
    expect(told(tried(0, 97), attempt(), NOW, WRONG).verdict.attemptsLeft).toBe(2);
  });
});
