import { describe, expect, test } from '@jest/globals';
import { DAY, MINUTE, NOW, SECOND, account, device, phone, token } from '../test/accounts.js';
import { aged, newAccount, readable } from './index.js';
import type { DeviceId } from '@countersign/contracts';

describe('versions', () => {
  test('a newer state is refused: this code would lose what it says', () => {
    expect(() => readable({ ...newAccount(), v: 2 })).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  });

  test('the own version is read', () => {
    expect(readable(newAccount())).toEqual({ v: 1, names: 1, devices: [] });
  });

  test('fields that a later release adds to this version are carried on', () => {
    const state = { ...account([{ ...phone(), colour: 'red' } as never]), later: { kept: true } };
    expect(aged(state, 7, NOW)).toMatchObject({ later: { kept: true }, devices: [{ colour: 'red' }] });
  });
});

describe('what time ends', () => {
  test.each([
    {
      what: 'a verdict',
      laterMs: 60 * SECOND,
      state: account([], { recent: [{ request: 'q', at: NOW, sequence: 7 }] }),
    },
    { what: 'an origin', laterMs: 30 * DAY, state: account([], { origins: [{ origin: 'o', at: NOW }] }) },
    {
      what: 'a pending device',
      laterMs: 15 * MINUTE,
      state: account([phone({ status: 'pending', expiresAt: NOW + 15 * MINUTE })]),
    },
  ])('$what is kept until $laterMs ms have passed', ({ laterMs, state }) => {
    expect(aged(state, 7, NOW + laterMs - 1)).toEqual(state);
    expect(aged(state, 7, NOW + laterMs)).toEqual(newAccount());
  });

  test('a noted replay is kept for its minute, longer where this clock is behind', () => {
    const minute = Math.floor(NOW / MINUTE);
    const state = account([phone({ replay: { minute, counters: [1] } })]);
    expect(aged(state, 7, NOW).devices[0]).toHaveProperty('replay');
    expect(aged(state, 7, NOW - MINUTE).devices[0]).toHaveProperty('replay');
    expect(aged(state, 7, NOW + MINUTE).devices[0]).not.toHaveProperty('replay');
  });

  test('budgets, floors and the frozen mark do not age', () => {
    const state = account([token({ status: 'disabled', floor: 99 })], {
      known: { wrong: 3, at: 1 },
      unknown: { wrong: 100, at: 1 },
      frozen: true,
    });
    expect(aged(state, 7, NOW + 1000 * DAY)).toEqual(state);
  });

  test('of the revoked devices the last four are shown', () => {
    const revoked = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => device(id as DeviceId, 'totp', { status: 'revoked' }));
    const { devices } = aged(account([...revoked, phone()]), 7, NOW);
    expect(devices.map(({ id }) => id)).toEqual(['c', 'd', 'e', 'f', phone().id]);
  });
});

test('at most eight verdicts and eight origins are kept, the newest', () => {
  const recent = Array.from({ length: 10 }, (_, i) => ({ request: `q${i}`, at: NOW, sequence: i }));
  const origins = Array.from({ length: 10 }, (_, i) => ({ origin: `o${i}`, at: NOW }));
  const state = aged(account([], { recent, origins }), 7, NOW);
  expect(state.recent?.map(({ request }) => request)).toEqual(['q2', 'q3', 'q4', 'q5', 'q6', 'q7', 'q8', 'q9']);
  expect(state.origins?.map(({ origin }) => origin)).toEqual(['o2', 'o3', 'o4', 'o5', 'o6', 'o7', 'o8', 'o9']);
});

test('a verdict gets the sequence of the event that carried it, once', () => {
  const first = aged(account([], { recent: [{ request: 'q', at: NOW }] }), 7, NOW);
  expect(first.recent).toEqual([{ request: 'q', at: NOW, sequence: 7 }]);
  expect(aged(first, 8, NOW).recent).toEqual([{ request: 'q', at: NOW, sequence: 7 }]);
});

test('the state that is aged stays as it was', () => {
  const state = account([phone()], { recent: [{ request: 'q', at: NOW }] });
  const before = structuredClone(state);
  const next = aged(state, 7, NOW);
  next.devices[0]!.floor = 1;
  next.recent!.length = 0;
  expect(state).toEqual(before);
});
