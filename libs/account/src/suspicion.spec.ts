import { describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '@countersign/contracts';
import {
  MINUTE,
  NOW,
  PHONE,
  SECOND,
  STEP,
  TOKEN,
  account,
  attempt,
  phone,
  shows,
  standing,
  token,
  told,
} from '../test/accounts.js';
import { moved, type Rules, type Standing } from './index.js';

const LOCKS: Rules = { version: 9, policy: { ...DEFAULT_POLICY, onSuspicion: 'lock' } };

describe('an HOTP code from behind', () => {
  const start = standing(account([token({ floor: 5 })]));
  const ask = (at: Standing, counter: number, rules?: Rules, now = NOW) =>
    told(at, attempt(), now, shows(TOKEN, counter), rules);
  const skipped = ask(start, 7).next; // 5 and 6 were passed over

  test('that was never used is refused like a replay, and its event says that two may hold the token', () => {
    const { verdict, event, next } = ask(skipped, 6);
    expect(verdict).toMatchObject({ reason: 'replayed', device: TOKEN });
    expect(event).toMatchObject({ type: 'replayed', counter: 6, suspicion: { sign: 'behind', disabled: false } });
    expect(next.state.devices[0]).toMatchObject({ status: 'active', floor: 8 });
    expect(ask(next, 8).verdict.verdict).toBe('accepted');
  });

  test('disables the device where the policy says so, until an operator enables it', () => {
    const { verdict, event, next } = ask(skipped, 6, LOCKS);
    expect(verdict.reason).toBe('replayed');
    expect(event).toMatchObject({ suspicion: { sign: 'behind', disabled: true } });
    expect(ask(next, 8, LOCKS).verdict.reason).toBe('disabled');
    const enabled = moved(next, 'enabled', TOKEN, { by: 'ops', at: NOW })!;
    const again = standing(enabled.state, next.sequence + 1);
    expect(ask(again, 6, LOCKS, NOW + MINUTE).event).not.toHaveProperty('suspicion'); // told once
    expect(ask(again, 8, LOCKS).verdict.verdict).toBe('accepted');
  });

  test('that was accepted is a plain replay, however late it comes', () => {
    const later = ask(ask(skipped, 8, LOCKS).next, 9, LOCKS).next;
    for (const counter of [7, 8, 9]) expect(ask(later, counter, LOCKS).event).not.toHaveProperty('suspicion');
  });

  test('is remembered as long as it is looked for', () => {
    const { next } = ask(skipped, 8); // looked for again: 6, 7 and 8
    expect(next.state.devices[0]).toMatchObject({ skipped: [6] });
    expect(ask(next, 6).event).toHaveProperty('suspicion');
    expect(ask(next, 9).next.state.devices[0]).not.toHaveProperty('skipped');
  });

  test('says nothing of one that was ahead and shown before: only its owner need have known it', () => {
    const on: Rules = { version: 9, policy: { ...LOCKS.policy, autoResync: true } };
    const next = ask(ask(start, 20, on).next, 21, on).next;
    expect(next.state.devices[0]).toMatchObject({ floor: 22, skipped: [19] });
    const again = ask(next, 20, on);
    expect(again.verdict.reason).toBe('replayed');
    expect(again.event).not.toHaveProperty('suspicion');
    expect(ask(next, 19, on).event).toMatchObject({ suspicion: { sign: 'behind', disabled: true } });
  });

  test('says nothing of a token whose owner tried it before its first code', () => {
    const pending = standing(account([token({ status: 'pending', expiresAt: NOW + MINUTE })]));
    const confirm = attempt({ verb: 'device.confirm', device: TOKEN });
    expect(told(pending, confirm, NOW, shows(TOKEN, 8)).next.state.devices[0]).toEqual(token({ floor: 9 }));
  });

  test('is no matter of phones: a late code is a late code', () => {
    const at = told(standing(account([phone()])), attempt(), NOW, shows(PHONE, STEP + 1), LOCKS).next;
    expect(told(at, attempt(), NOW, shows(PHONE, STEP), LOCKS).event).not.toHaveProperty('suspicion');
  });
});

describe('codes of one device that come from two origins in turn', () => {
  /** Signs in from each origin in turn, a step later each time. */
  function inTurn(origins: string[], rules?: Rules, everyMs = 30 * SECOND, device = phone()) {
    let at = standing(account([device, token()]));
    return origins.map((origin, index) => {
      const now = NOW + index * everyMs;
      const typed = shows(PHONE, Math.floor(now / 30_000));
      const result = told(at, attempt({ origin }), now, typed, rules);
      at = result.next;
      return result;
    });
  }

  test('are told of at the third', () => {
    const events = inTurn(['home', 'away', 'home']).map(({ event }) => event);
    expect(events.slice(0, 2).filter((event) => event && 'suspicion' in event)).toEqual([]);
    expect(events[2]).toMatchObject({ type: 'accepted', suspicion: { sign: 'alternating', disabled: false } });
  });

  test('end with a disabled device where the policy says so', () => {
    const [, , third, fourth] = inTurn(['home', 'away', 'home', 'away'], LOCKS);
    expect(third).toMatchObject({ verdict: { verdict: 'accepted' }, event: { suspicion: { disabled: true } } });
    expect(third?.next.state.devices[0]).toMatchObject({ status: 'disabled' });
    expect(fourth?.verdict.verdict).toBe('rejected');
  });

  test.each([
    ['one origin again and again', ['home', 'home', 'home'], 30 * SECOND],
    ['one origin, then another', ['home', 'away', 'away'], 30 * SECOND],
    ['a minute between them', ['home', 'away', 'home'], MINUTE],
  ])('are nothing to tell of: %s', (_what, origins, everyMs) => {
    const told = inTurn(origins, LOCKS, everyMs);
    expect(told.map(({ verdict }) => verdict.verdict)).toEqual(['accepted', 'accepted', 'accepted']);
  });

  test('are nothing to tell of when another device was shown in between', () => {
    const home = inTurn(['home'], LOCKS)[0]!.next;
    const away = told(home, attempt({ origin: 'away' }), NOW + 30 * SECOND, shows(TOKEN, 5), LOCKS).next;
    const back = told(away, attempt({ origin: 'home' }), NOW + 60 * SECOND, shows(PHONE, STEP + 2), LOCKS);
    expect(back.event).not.toHaveProperty('suspicion');
  });

  test('are nothing to tell of a device that was added only then', () => {
    const pending = token({ status: 'pending', expiresAt: NOW + MINUTE });
    let at = standing(account([phone()]));
    const steps = [
      { question: { origin: 'home' }, typed: shows(PHONE, STEP), then: 'accepted' },
      { question: { origin: 'away' }, typed: shows(PHONE, STEP + 1), then: 'accepted' },
      { question: { verb: 'device.confirm', device: TOKEN }, typed: shows(TOKEN, 5), then: 'confirmed' },
      { question: { origin: 'home' }, typed: shows(TOKEN, 6), then: 'accepted' },
    ] as const;
    for (const [index, { question, typed, then }] of steps.entries()) {
      if (index === 2) at = standing({ ...at.state, devices: [...at.state.devices, pending] }, at.sequence + 1);
      const { event, next } = told(at, attempt(question), NOW + index * 10 * SECOND, typed, LOCKS);
      expect(event?.type).toBe(then);
      expect(event).not.toHaveProperty('suspicion');
      at = next;
    }
  });

  test('leave no trace of the device in the state once two minutes are over', () => {
    const { next } = inTurn(['home', 'away'], undefined, 3 * MINUTE)[1]!;
    expect(next.state.origins).toEqual([
      { origin: 'home', at: NOW },
      { origin: 'away', at: NOW + 3 * MINUTE, device: PHONE },
    ]);
  });
});
