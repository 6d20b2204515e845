import { describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY, MAX_COUNTER, type Policy } from '@countersign/contracts';
import {
  MINUTE,
  NOW,
  PHONE,
  STEP,
  TOKEN,
  WRONG,
  account,
  attempt,
  decide,
  phone,
  profile,
  shows,
  standing,
  token,
  told,
} from '../test/accounts.js';
import { judge, matchesOf, pairWindow, type Rules } from './index.js';

const rules = (policy: Partial<Policy>): Rules => ({ version: 9, policy: { ...DEFAULT_POLICY, ...policy } });

describe('two codes in a row of a token that ran ahead', () => {
  const at = standing(account([token({ floor: 5 })], { unknown: { wrong: 3, at: NOW } }));
  const resync = attempt({ verb: 'resync', device: TOKEN, request: 'q', origin: 'o' });
  /** As the key service answers: the later counter of the pair. */
  const pair = (later: number) => shows(TOKEN, later);

  test('are looked for in the next 1000 counters, and never behind', () => {
    expect(pairWindow(token({ floor: 5 }), DEFAULT_POLICY)).toEqual({ from: 5, count: 1000, floor: 6, last: 1005 });
    expect(pairWindow(token({ floor: 5 }), { ...DEFAULT_POLICY, resyncWindow: 10 })).toMatchObject({ last: 15 });
    for (const floor of [MAX_COUNTER, MAX_COUNTER + 1]) {
      const used = pairWindow(token({ floor }), DEFAULT_POLICY);
      expect(used.last).toBeLessThan(used.floor);
      expect(used.floor).toBeLessThanOrEqual(MAX_COUNTER + 1); // as far as the key service can be asked
    }
  });

  test('are both spent, clear no budget and make no origin known', () => {
    const { verdict, event, next } = told(at, resync, NOW, pair(900));
    expect(verdict).toMatchObject({ verdict: 'accepted', device: TOKEN });
    expect(event).toMatchObject({ type: 'resynced', counter: 900, verb: 'resync', receipt: expect.any(String) });
    const recent = [{ request: 'q', at: NOW, device: TOKEN, verb: 'resync' as const }];
    expect(next.state).toEqual(
      account([token({ floor: 901, skipped: [898] })], { unknown: { wrong: 3, at: NOW }, recent }),
    );
    for (const counter of [899, 900])
      expect(told(next, attempt(), NOW, shows(TOKEN, counter)).verdict.reason).toBe('replayed');
    expect(told(next, attempt(), NOW, shows(TOKEN, 901)).verdict.verdict).toBe('accepted');
  });

  test('are no verdict for a sign-in with the same requestId, and a retry gets theirs again', () => {
    const { next } = told(at, resync, NOW, pair(900));
    expect(told(next, resync, NOW + 1, pair(900)).verdict).toMatchObject({ verdict: 'accepted', repeated: true });
    expect(told(next, attempt({ request: 'q' }), NOW + 1, WRONG).verdict.reason).toBe('wrong_code');
  });

  test('cost an attempt when they are wrong, and are not looked at while the budget is closed', () => {
    const first = told(at, resync, NOW, WRONG);
    expect(first.verdict).toMatchObject({ reason: 'wrong_code', attemptsLeft: 1 });
    const second = told(first.next, { ...resync, request: 'r' }, NOW, WRONG);
    expect(told(second.next, { ...resync, request: 's' }, NOW, pair(900)).verdict.reason).toBe('locked');
  });

  test.each([
    ['a phone', phone(), PHONE],
    ['a pending token', token({ status: 'pending', expiresAt: NOW + MINUTE }), TOKEN],
    ['a disabled token', token({ status: 'disabled' }), TOKEN],
  ] as const)('are no matter of %s', (_what, device, id) => {
    const decision = decide(standing(account([device])), { ...resync, device: id }, NOW, WRONG);
    expect(decision).toMatchObject({ kind: 'answer', verdict: { reason: 'disabled' } });
  });
});

describe('a token that resynchronises by itself', () => {
  const on = rules({ autoResync: true });
  const at = standing(account([token({ floor: 5 }), phone()]));
  const ask = (from: typeof at, counter: number, policy = on) =>
    told(from, attempt(), NOW, counter < 0 ? WRONG : shows(TOKEN, counter), policy);

  test('has the code after one that was ahead accepted; the first costs an attempt and looks like any wrong one', () => {
    const first = ask(at, 20);
    const wrong = ask(at, -1);
    expect(first.verdict).toEqual(wrong.verdict);
    expect(first.event).toMatchObject({ type: 'rejected', ahead: { device: TOKEN, counter: 20 } });
    expect(first.next.state.devices[0]).toMatchObject({ floor: 5, ahead: 20 });
    const second = ask(first.next, 21);
    expect(second.verdict).toMatchObject({ verdict: 'accepted', device: TOKEN });
    expect(second.next.state.devices[0]).toEqual(token({ floor: 22, skipped: [19] }));
  });

  test.each([
    ['the same code again', 20],
    ['a code before it', 19],
    ['one after the next', 22],
  ])('does not take %s', (_what, counter) => {
    expect(ask(ask(at, 20).next, counter).verdict.reason).toBe('wrong_code');
  });

  test('forgets what was ahead when another wrong code comes between', () => {
    const { next } = ask(ask(at, 20).next, -1);
    expect(next.state.devices[0]).not.toHaveProperty('ahead');
    expect(ask(next, 21).verdict.reason).toBe('wrong_code');
  });

  test('forgets it when another device is shown in between', () => {
    const { next } = told(ask(at, 20).next, attempt(), NOW, shows(PHONE, STEP), on);
    expect(ask(next, 21).verdict.reason).toBe('wrong_code');
  });

  test('does not by default, nor any more once the policy says no', () => {
    const off = rules({});
    expect(ask(at, 20, off).next.state.devices[0]).not.toHaveProperty('ahead');
    expect(ask(ask(at, 20).next, 21, off).verdict.reason).toBe('wrong_code');
  });

  test('does nothing of the kind with a phone whose time has not begun, or while two codes are compared', () => {
    const unborn = new Map([[PHONE, profile('totp', { t0Seconds: 4_102_444_800 })]]);
    const [alone, matches] = [standing(account([phone()])), [{ device: PHONE, counter: 0, receipt: 'r' }]];
    const early = judge(alone, attempt(), unborn, NOW, matches, on);
    expect(early).toMatchObject({ kind: 'append', event: { type: 'rejected' } });
    expect(early).not.toHaveProperty('event.ahead');
    const resync = attempt({ verb: 'resync', device: TOKEN });
    expect(told(at, resync, NOW, shows(TOKEN, 2000), on).event).not.toHaveProperty('ahead');
  });

  test('can be folded again from what its event says', () => {
    expect(matchesOf(ask(at, 20).event!)).toMatchObject([{ device: TOKEN, counter: 20 }]);
  });
});

describe("the drift of a phone's clock", () => {
  const on = rules({ totpDriftSteps: 2 });
  const fresh = standing(account([phone()]));
  const stepLater = (steps: number) => ({ now: NOW + steps * 30_000, step: STEP + steps });
  const offBy = (from: typeof fresh, later: number, drift: number, policy = on) => {
    const { now, step } = stepLater(later);
    return told(from, attempt(), now, shows(PHONE, step + drift), policy);
  };

  test('is followed step by step, as far as the policy says', () => {
    let at = fresh;
    for (const [later, drift] of [
      [0, 1],
      [10, 2],
      [20, 3],
    ] as const) {
      const { verdict, next } = offBy(at, later, drift);
      expect([drift, verdict.verdict]).toEqual([drift, 'accepted']);
      at = next;
    }
    expect(at.state.devices[0]).toMatchObject({ drift: 2 });
    expect(offBy(at, 30, 4).verdict.reason).toBe('wrong_code');
    expect(offBy(at, 30, 0).verdict.reason).toBe('wrong_code'); // the window moved, it is no wider
  });

  test('is forgotten by a code in time', () => {
    const { next } = offBy(offBy(fresh, 0, -1).next, 10, 0);
    expect(next.state.devices[0]).not.toHaveProperty('drift');
  });

  test('never lets a step at or below the last accepted one be accepted', () => {
    const ahead = offBy(fresh, 0, 1).next;
    const back = offBy(ahead, 10, 0).next; // the clock was set right
    for (const step of [STEP + 10, STEP + 9, STEP + 1])
      expect(told(back, attempt(), NOW + 300_000, shows(PHONE, step), on).verdict.verdict).toBe('rejected');
    const slow = offBy(fresh, 0, -1).next;
    expect(told(slow, attempt(), NOW, shows(PHONE, STEP - 1), on).verdict.reason).toBe('replayed');
    expect(told(slow, attempt(), NOW, shows(PHONE, STEP - 2), on).verdict.verdict).toBe('rejected');
  });

  test('is not learned by default, and not used once the policy says less', () => {
    expect(offBy(fresh, 0, 1, rules({})).next.state.devices[0]).not.toHaveProperty('drift');
    const learned = offBy(offBy(fresh, 0, 1).next, 10, 2).next;
    expect(offBy(learned, 20, 2, rules({})).verdict.reason).toBe('wrong_code');
    expect(offBy(learned, 20, 0, rules({})).verdict.verdict).toBe('accepted');
  });
});
