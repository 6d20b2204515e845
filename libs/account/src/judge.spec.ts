import { describe, expect, test } from '@jest/globals';
import type { DeviceId } from '@countersign/contracts';
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
  profilesOf,
  shows,
  standing,
  token,
  told,
} from '../test/accounts.js';
import { judge, moved, type Standing } from './index.js';

const ONE = standing(account([phone()]));
const now = (code = STEP) => shows(PHONE, code);

describe('a code is', () => {
  const two = account([phone({ floor: STEP }), token({ floor: 5 })]);
  test.each([
    { what: 'accepted at the floor', typed: shows(PHONE, STEP), says: 'accepted' },
    { what: 'accepted one step ahead', typed: shows(PHONE, STEP + 1), says: 'accepted' },
    { what: 'wrong two steps ahead', typed: shows(PHONE, STEP + 2), says: 'wrong_code' },
    { what: 'replayed below the floor', typed: shows(PHONE, STEP - 1), says: 'replayed' },
    { what: 'wrong long after it was spent', typed: shows(PHONE, STEP - 5), says: 'wrong_code' },
    { what: "accepted at a token's floor", typed: shows(TOKEN, 5), says: 'accepted' },
    { what: 'accepted nine counters ahead', typed: shows(TOKEN, 14), says: 'accepted' },
    { what: 'wrong ten counters ahead', typed: shows(TOKEN, 15), says: 'wrong_code' },
    { what: "replayed below a token's floor", typed: shows(TOKEN, 4), says: 'replayed' },
    { what: 'wrong when no device shows it', typed: WRONG, says: 'wrong_code' },
    {
      what: 'replayed when spent on one device and fresh on another',
      typed: [...shows(PHONE, STEP - 1), ...shows(TOKEN, 6)],
      says: 'replayed',
    },
    {
      what: 'replayed when fresh on one device and spent on another',
      typed: [...shows(PHONE, STEP), ...shows(TOKEN, 4)],
      says: 'replayed',
    },
    {
      what: 'replayed when spent and fresh on one device',
      typed: [...shows(TOKEN, 4), ...shows(TOKEN, 6)],
      says: 'replayed',
    },
    {
      what: 'accepted when it was spent too long ago to be looked at',
      typed: [...shows(TOKEN, 1), ...shows(TOKEN, 6)],
      says: 'accepted',
    },
    {
      what: 'accepted when fresh on two devices',
      typed: [...shows(PHONE, STEP), ...shows(TOKEN, 5)],
      says: 'accepted',
    },
  ])('$what', ({ typed, says }) => {
    const { verdict } = told(standing(two), attempt(), NOW, typed);
    expect(verdict.reason ?? verdict.verdict).toBe(says);
  });

  test('accepted, not replayed, when a step that passed unused shows it, too', () => {
    const typed = [...now(STEP - 2), ...now(STEP)];
    const { verdict } = told(standing(account([phone({ floor: STEP - 2 })])), attempt(), NOW, typed);
    expect(verdict.verdict).toBe('accepted');
  });

  test('replayed by the very text that signed in, though a counter ahead shows it (I1)', () => {
    const typed = [...shows(TOKEN, 5), ...shows(TOKEN, 11)];
    const first = told(standing(account([token({ floor: 5 })])), attempt(), NOW, typed);
    expect(first.next.state.devices[0]?.floor).toBe(6);
    const second = told(first.next, attempt(), NOW, typed);
    expect(second.verdict).toMatchObject({ reason: 'replayed', device: TOKEN });
    expect(told(second.next, attempt(), NOW, shows(TOKEN, 6)).verdict.verdict).toBe('accepted');
  });

  test('wrong, not replayed, when its step passed unused', () => {
    const { verdict } = told(standing(account([phone({ floor: STEP - 10 })])), attempt(), NOW, now(STEP - 2));
    expect(verdict.reason).toBe('wrong_code');
  });
});

test('an acceptance spends the counter, clears the budget that paid and writes down what was judged', () => {
  const at = standing(account([token()], { unknown: { wrong: 3, at: 1 }, known: { wrong: 2, at: 1 } }), 41);
  const { verdict, event } = told(at, attempt({ origin: 'o', request: 'q' }), NOW, shows(TOKEN, 8));
  expect(verdict).toEqual({ verdict: 'accepted', device: TOKEN, sequence: 42, at: NOW });
  expect(event).toEqual({
    ...{ type: 'accepted', device: TOKEN, counter: 8, verb: 'verify', origin: 'o', request: 'q' },
    ...{ receipt: 'r'.repeat(43), at: NOW, by: 'web' },
    state: account([token({ floor: 9, skipped: [6, 7] })], {
      known: { wrong: 2, at: 1 },
      unknown: { wrong: 0, at: 1, cleared: { wrong: 3, since: NOW } },
      origins: [{ origin: 'o', at: NOW }],
      recent: [{ request: 'q', at: NOW, device: TOKEN }],
    }),
  });
});

describe('which devices are asked about', () => {
  const devices = [
    phone(),
    token({ namedOnly: true }),
    device('pending00000' as DeviceId, 'totp', { status: 'pending', expiresAt: NOW + 1 }),
    device('disabled0000' as DeviceId, 'totp', { status: 'disabled' }),
    device('revoked00000' as DeviceId, 'totp', { status: 'revoked' }),
  ];
  const asked = (rest: Parameters<typeof attempt>[0]) => {
    const decision = judge(standing(account(devices)), attempt(rest), profilesOf(account(devices)), NOW);
    return decision.kind === 'ask' ? decision.candidates.map((each) => each.device.id) : decision;
  };
  const disabled = { kind: 'answer', verdict: { verdict: 'rejected', reason: 'disabled', sequence: 7, at: NOW } };
  const confirm = 'device.confirm' as const;

  test.each([
    { what: 'verify without a name', rest: {}, is: [PHONE] },
    { what: 'verify naming a device', rest: { device: TOKEN }, is: [TOKEN] },
    { what: 'verify naming a pending device', rest: { device: 'pending00000' }, is: disabled },
    { what: 'verify naming a disabled device', rest: { device: 'disabled0000' }, is: disabled },
    { what: 'verify naming a revoked device', rest: { device: 'revoked00000' }, is: disabled },
    { what: 'verify naming nothing there is', rest: { device: 'nothing00000' }, is: disabled },
    { what: 'confirm of a pending device', rest: { verb: confirm, device: 'pending00000' }, is: ['pending00000'] },
    {
      what: 'confirm of an active device',
      rest: { verb: confirm, device: PHONE },
      is: { kind: 'fail', code: 'CONFLICT' },
    },
    {
      what: 'confirm of a revoked device',
      rest: { verb: confirm, device: 'revoked00000' },
      is: { kind: 'fail', code: 'CONFLICT' },
    },
    {
      what: 'confirm of nothing there is',
      rest: { verb: confirm, device: 'nothing00000' },
      is: { kind: 'fail', code: 'NOT_FOUND' },
    },
    { what: 'confirm without a name', rest: { verb: confirm }, is: { kind: 'fail', code: 'NOT_FOUND' } },
  ])('$what', ({ rest, is }) => {
    const found = asked(rest as Parameters<typeof attempt>[0]);
    if (Array.isArray(is)) expect(found).toEqual(is);
    else expect(found).toMatchObject(is);
  });

  test('a match for a device that is not eligible opens nothing', () => {
    const state = account(devices);
    const matches = devices.slice(1).map(({ id }) => ({ device: id, counter: STEP, receipt: 'r' }));
    const decision = judge(standing(state), attempt(), profilesOf(state), NOW, matches);
    expect(decision).toMatchObject({ kind: 'append', event: { type: 'rejected' } });
  });
});

describe('the first code of a device', () => {
  const pending = standing(
    account([phone({ status: 'pending', expiresAt: NOW + MINUTE })], { unknown: { wrong: 3, at: 1 } }),
  );
  const confirm = attempt({ verb: 'device.confirm', device: PHONE, request: 'q', origin: 'o' });

  test('activates it, is spent, clears no budget and makes no origin known', () => {
    const { verdict, event, next } = told(pending, confirm, NOW, now());
    expect(verdict).toMatchObject({ verdict: 'accepted', device: PHONE });
    expect(event).toMatchObject({ type: 'confirmed', device: PHONE, counter: STEP, verb: 'device.confirm' });
    const recent = [{ request: 'q', at: NOW, device: PHONE, verb: 'device.confirm' as const }];
    expect(next.state).toEqual(account([phone({ floor: STEP + 1 })], { unknown: { wrong: 3, at: 1 }, recent }));
  });

  test('cannot be used to sign in, not even by a retry under the same requestId', () => {
    const { next } = told(pending, confirm, NOW, now());
    for (const request of ['q', 'other'])
      expect(told(next, attempt({ request }), NOW + 1, now()).verdict.reason).toBe('replayed');
  });

  test('is confirmed again by a retry', () => {
    const { next } = told(pending, confirm, NOW, now());
    const again = told(next, confirm, NOW + 1, now());
    expect(again.verdict).toEqual({ verdict: 'accepted', device: PHONE, sequence: 8, at: NOW, repeated: true });
  });

  test('counts as a guess when it is wrong', () => {
    const { verdict, next } = told(pending, confirm, NOW, WRONG);
    expect(verdict).toMatchObject({ reason: 'wrong_code', attemptsLeft: 1 });
    expect(next.state.unknown?.wrong).toBe(4);
  });

  test('comes too late after its time', () => {
    expect(decide(pending, confirm, NOW + MINUTE, now())).toMatchObject({ kind: 'fail', code: 'NOT_FOUND' });
  });

  test('is not looked at when the device would let one guess hit too many codes', () => {
    const three = ['a', 'b', 'c'].map((id) => device(id as DeviceId, 'hotp'));
    const wide = standing(account([...three, ...pending.state.devices]));
    expect(decide(wide, confirm, NOW, now())).toMatchObject({ kind: 'fail', code: 'LIMIT' });
    const named = account([...three, { ...pending.state.devices[0]!, namedOnly: true }]);
    expect(told(standing(named), confirm, NOW, now()).verdict.verdict).toBe('accepted');
  });
});

describe('wrong codes', () => {
  const tried = (wrong: number, rest = {}) => standing(account([phone()], { unknown: { wrong, at: NOW }, ...rest }));

  test('five are free; each further one waits longer; a hundred need an operator', () => {
    let at = ONE;
    let time = NOW;
    const waits: (number | undefined)[] = [];
    for (let n = 1; n <= 100; n++) {
      const { verdict, next } = told(at, attempt(), time, WRONG);
      expect(verdict).toMatchObject({ reason: 'wrong_code', attemptsLeft: Math.max(0, 5 - n) });
      waits.push(verdict.retryAfterMs && verdict.retryAfterMs / 1000);
      time += verdict.retryAfterMs ?? 0;
      at = next;
    }
    expect(waits.slice(0, 4)).toEqual([undefined, undefined, undefined, undefined]);
    expect(waits.slice(4, 13)).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    expect(waits.at(-1)).toBeUndefined(); // no waiting helps
    expect(told(at, attempt(), time + 365 * DAY, now()).verdict).toMatchObject({ reason: 'locked', attemptsLeft: 0 });
  });

  test('while the budget is closed nobody learns whether a code was right (I2)', () => {
    for (const typed of [now(), WRONG, now(STEP - 1)]) {
      const { verdict, event } = told(tried(5), attempt(), NOW + 10 * SECOND, typed);
      expect(verdict).toMatchObject({ reason: 'locked', attemptsLeft: 0, retryAfterMs: 20 * SECOND });
      expect(event).toMatchObject({ type: 'refused', reason: 'locked' });
      expect(event).not.toHaveProperty('receipt');
    }
  });

  test('a refusal is written down once a minute, by all replicas together', () => {
    const first = told(tried(100), attempt(), NOW, WRONG);
    expect(first.event?.type).toBe('refused');
    const second = told(first.next, attempt(), NOW + 10 * SECOND, WRONG);
    expect(second.event).toBeUndefined();
    expect(second.verdict.sequence).toBe(first.verdict.sequence);
    const behind = told(first.next, attempt(), NOW - 30 * SECOND, WRONG); // a clock still in the minute before
    expect(behind.event).toBeUndefined();
    expect(told(first.next, attempt(), NOW + MINUTE, WRONG).event?.type).toBe('refused');
  });

  test('from elsewhere do not shut out who comes from where a code was accepted', () => {
    const origins = [{ origin: 'home', at: NOW - 29 * DAY }];
    const at = tried(100, { origins });
    expect(told(at, attempt({ origin: 'home' }), NOW, now()).verdict.verdict).toBe('accepted');
    expect(told(at, attempt({ origin: 'away' }), NOW, now()).verdict.reason).toBe('locked');
    expect(told(at, attempt(), NOW, now()).verdict.reason).toBe('locked');
    expect(told(at, attempt({ origin: 'home' }), NOW + 2 * DAY, now()).verdict.reason).toBe('locked'); // too long ago
  });

  test('of one budget are not cleared by an acceptance that the other paid', () => {
    const at = tried(4, { origins: [{ origin: 'home', at: NOW }], known: { wrong: 4, at: NOW } });
    expect(told(at, attempt({ origin: 'home' }), NOW, now()).next.state).toMatchObject({ unknown: { wrong: 4 } });
    expect(told(at, attempt({ origin: 'home' }), NOW, now()).next.state.known?.wrong).toBe(0);
    expect(told(at, attempt(), NOW, now()).next.state).toMatchObject({ known: { wrong: 4 } });
  });

  test("written by a clock ahead of this one's do not close an open budget", () => {
    const at = standing(account([phone()], { unknown: { wrong: 1, at: NOW + 5 * SECOND } }));
    expect(told(at, attempt(), NOW, now()).verdict.verdict).toBe('accepted');
    expect(told(at, attempt(), NOW, WRONG).next.state.unknown).toEqual({ wrong: 2, at: NOW + 5 * SECOND });
  });
});

describe('a code typed twice', () => {
  const once = told(ONE, attempt({ request: 'q' }), NOW, now());

  test('is accepted once (I1)', () => {
    expect(once.verdict.verdict).toBe('accepted');
    const twice = told(once.next, attempt({ request: 'other' }), NOW + 1, now());
    expect(twice.verdict).toMatchObject({ verdict: 'rejected', reason: 'replayed', device: PHONE, attemptsLeft: 5 });
    expect(twice.next.state).not.toHaveProperty('unknown');
  });

  test('is written down once per counter and minute, however the codes take turns', () => {
    let at = standing(account([phone({ floor: STEP + 1 })]));
    const written: number[] = [];
    for (const counter of [STEP, STEP - 1, STEP, STEP - 1, STEP, STEP - 1]) {
      const { verdict, event, next } = told(at, attempt(), NOW, now(counter));
      expect(verdict.reason).toBe('replayed');
      if (event) written.push(counter);
      at = next;
    }
    expect(written).toEqual([STEP, STEP - 1]);
    expect(told(at, attempt(), NOW + MINUTE, now(STEP)).event?.type).not.toBe('accepted');
  });

  test('under the same requestId is the same acceptance, told after an append of its own (I4)', () => {
    const again = told(once.next, attempt({ request: 'q' }), NOW + 59 * SECOND, now());
    expect(again.verdict).toEqual({ verdict: 'accepted', device: PHONE, sequence: 8, at: NOW, repeated: true });
    expect(again.event).toMatchObject({ type: 'repeated', device: PHONE, of: 8 });
    expect(again.next.state.devices).toEqual(once.next.state.devices);
    const third = told(again.next, attempt({ request: 'q' }), NOW + 59 * SECOND, now());
    expect(third.verdict.sequence).toBe(8);
  });

  test('under the same requestId a minute later is a replay', () => {
    expect(told(once.next, attempt({ request: 'q' }), NOW + MINUTE, now()).verdict.reason).toBe('replayed');
  });

  test('is no answer about another device that the retry names', () => {
    const both = standing(account([phone(), token()]));
    const { next } = told(both, attempt({ request: 'q' }), NOW, now());
    expect(told(next, attempt({ request: 'q', device: TOKEN }), NOW, now()).verdict.reason).toBe('wrong_code');
    expect(told(next, attempt({ request: 'q', device: PHONE }), NOW, now()).verdict.repeated).toBe(true);
  });

  test.each(['revoked', 'disabled'] as const)('is not accepted again once its device is %s (I4)', (move) => {
    const { state } = moved(once.next, move, PHONE, { by: 'desk', at: NOW })!;
    const { verdict } = told(standing(state, 9), attempt({ request: 'q' }), NOW + 1, now());
    expect(verdict).toMatchObject({ verdict: 'rejected', reason: 'disabled' });
  });

  test('is not accepted again while the budget is closed (I4)', () => {
    const locked: Standing = standing({ ...once.next.state, unknown: { wrong: 5, at: NOW } }, 9);
    expect(told(locked, attempt({ request: 'q' }), NOW + 1, now()).verdict.reason).toBe('locked');
  });
});

describe('a rejection asked for again under its requestId', () => {
  test('is told again and costs nothing, though the budget has closed since', () => {
    const at = standing(account([phone()], { unknown: { wrong: 4, at: NOW } }));
    const first = told(at, attempt({ request: 'q' }), NOW, WRONG);
    const again = told(first.next, attempt({ request: 'q' }), NOW + SECOND, WRONG);
    expect(again.event).toBeUndefined();
    expect(again.verdict).toEqual({ ...first.verdict, retryAfterMs: 29 * SECOND, repeated: true });
  });

  test('is one of the last eight', () => {
    const ask = (at: Standing, request: string) => told(at, attempt({ request }), NOW, WRONG);
    const after = (others: number) => {
      let { next } = ask(ONE, 'first');
      for (let n = 0; n < others; n++) {
        const { unknown: _reopened, ...state } = next.state;
        next = ask(standing(state, next.sequence), `other${n}`).next;
      }
      return ask(next, 'first').verdict;
    };
    expect(after(7)).toMatchObject({ repeated: true, sequence: 8 });
    expect(after(8)).not.toHaveProperty('repeated');
  });
});

test('nothing is accepted of a frozen account, and no code is looked at', () => {
  const at = standing(account([phone()], { frozen: true, recent: [{ request: 'q', at: NOW, device: PHONE }] }));
  for (const question of [attempt(), attempt({ request: 'q' }), attempt({ verb: 'device.confirm', device: PHONE })])
    expect(decide(at, question, NOW, now())).toEqual({
      kind: 'answer',
      verdict: { verdict: 'rejected', reason: 'frozen', sequence: 7, at: NOW },
    });
});

test('a device without its record is a defect, told as such', () => {
  expect(() => judge(ONE, attempt(), new Map(), NOW)).toThrow(PHONE);
});
