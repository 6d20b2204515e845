import { describe, expect, test } from '@jest/globals';
import type { DeviceId, DeviceStatus } from '@countersign/contracts';
import { RENAMING_MS } from './state.js';
import { MINUTE, NOW, PHONE, TOKEN, account, device, phone, standing, token } from '../test/accounts.js';
import { created, enrolled, frozen, imported, moved, renamed, renaming, unlocked, type NewDevice } from './index.js';

const BY = { by: 'desk', at: NOW };
const failing = (code: string) => expect.objectContaining({ code });
const idOf = (n: number): DeviceId => `d${String(n).padStart(11, '0')}` as DeviceId;
const fresh: NewDevice = { id: TOKEN, type: 'hotp', epoch: 1, record: 9, floor: 3, namedOnly: false };

test('an account begins with nothing', () => {
  expect(created(BY)).toEqual({ type: 'created', ...BY, state: { v: 1, names: 1, devices: [] } });
});

describe('a new device', () => {
  test('waits fifteen minutes for its first code', () => {
    const event = enrolled(standing(account([])), fresh, BY);
    expect(event).toMatchObject({ type: 'enrolled', device: TOKEN, record: 9, status: 'pending' });
    expect(event.state.devices).toEqual([
      { id: TOKEN, type: 'hotp', epoch: 1, record: 9, floor: 3, status: 'pending', expiresAt: NOW + 15 * MINUTE },
    ]);
  });

  test('with a seed from elsewhere is active at once where the operator says so', () => {
    const { state } = imported(standing(account([])), { ...fresh, namedOnly: true }, 'active', BY);
    expect(state.devices).toEqual([
      { id: TOKEN, type: 'hotp', epoch: 1, record: 9, floor: 3, status: 'active', namedOnly: true },
    ]);
  });

  test('cannot take the id of another, revoked or not', () => {
    for (const status of ['active', 'revoked'] as const)
      expect(() => enrolled(standing(account([token({ status })])), fresh, BY)).toThrow(failing('CONFLICT'));
  });

  const sixteen = (status: DeviceStatus) =>
    Array.from({ length: 16 }, (_, n) =>
      device(idOf(n), 'totp', { status, ...(status === 'pending' && { expiresAt: NOW + 1 }) }),
    );
  test.each(['pending', 'active', 'disabled'] as const)('a seventeenth beside %s ones is over the limit', (status) => {
    expect(() => enrolled(standing(account(sixteen(status))), fresh, BY)).toThrow(failing('LIMIT'));
  });

  test.each([
    ['revoked', NOW],
    ['pending', NOW + 1],
  ] as const)('%s ones make room at %i', (status, at) => {
    expect(() => enrolled(standing(account(sixteen(status))), fresh, { by: 'desk', at })).not.toThrow();
  });
});

describe('one guess may hit 32 codes: three HOTP devices, or ten TOTP devices', () => {
  const active = (count: number, type: 'hotp' | 'totp') =>
    Array.from({ length: count }, (_, n) => device(idOf(n), type, { status: 'active' }));
  const wide = standing(account([...active(3, 'hotp'), token({ status: 'disabled' })]));

  test.each([
    { beside: 'two HOTP', devices: active(2, 'hotp'), fits: true },
    { beside: 'three HOTP', devices: active(3, 'hotp'), fits: false },
    { beside: 'seven TOTP', devices: active(7, 'totp'), fits: true }, // 21 + 10
    { beside: 'eight TOTP', devices: active(8, 'totp'), fits: false },
  ])('an HOTP device active at once beside $beside', ({ devices, fits }) => {
    const add = () => imported(standing(account(devices)), fresh, 'active', BY);
    if (fits) expect(add).not.toThrow();
    else expect(add).toThrow(failing('LIMIT'));
  });

  test('a named-only device does not count', () => {
    const devices = active(3, 'hotp');
    expect(() => imported(standing(account(devices)), { ...fresh, namedOnly: true }, 'active', BY)).not.toThrow();
    const named = devices.map((each) => ({ ...each, namedOnly: true as const }));
    expect(() => imported(standing(account(named)), fresh, 'active', BY)).not.toThrow();
  });

  test('enabling counts as activating', () => {
    expect(() => moved(wide, 'enabled', TOKEN, BY)).toThrow(failing('LIMIT'));
  });

  test('a pending device does not count until its code is confirmed', () => {
    expect(() => imported(wide, { ...fresh, id: PHONE }, 'pending', BY)).not.toThrow();
  });
});

describe('the life of a device', () => {
  type Move = 'disabled' | 'enabled' | 'revoked';
  const table: [DeviceStatus, Move, DeviceStatus | 'as it was' | 'CONFLICT'][] = [
    ['pending', 'disabled', 'CONFLICT'],
    ['pending', 'enabled', 'CONFLICT'],
    ['pending', 'revoked', 'revoked'],
    ['active', 'disabled', 'disabled'],
    ['active', 'enabled', 'as it was'],
    ['active', 'revoked', 'revoked'],
    ['disabled', 'disabled', 'disabled'], // written down again
    ['disabled', 'enabled', 'active'],
    ['disabled', 'revoked', 'revoked'],
    ['revoked', 'disabled', 'CONFLICT'],
    ['revoked', 'enabled', 'CONFLICT'],
    ['revoked', 'revoked', 'as it was'],
  ];
  test.each(table)('%s, then %s: %s', (status, move, outcome) => {
    const at = standing(account([phone({ status, floor: 8, ...(status === 'pending' && { expiresAt: NOW + 1 }) })]));
    if (outcome === 'CONFLICT') return expect(() => moved(at, move, PHONE, BY)).toThrow(failing('CONFLICT'));
    const event = moved(at, move, PHONE, BY);
    if (outcome === 'as it was') return expect(event).toBeUndefined();
    expect(event).toMatchObject({ type: move, device: PHONE });
    expect(event!.state.devices).toEqual([phone({ status: outcome, floor: 8 })]);
  });

  test('nobody moves a device that is not there, or waited too long', () => {
    expect(() => moved(standing(account([])), 'revoked', PHONE, BY)).toThrow(failing('NOT_FOUND'));
    const late = account([phone({ status: 'pending', expiresAt: NOW })]);
    expect(() => moved(standing(late), 'revoked', PHONE, BY)).toThrow(failing('NOT_FOUND'));
  });

  test('the device revoked last is forgotten last', () => {
    const four = [1, 2, 3, 4].map((n) => device(idOf(n), 'totp', { status: 'revoked' }));
    const first = moved(standing(account([phone(), ...four])), 'revoked', PHONE, BY)!;
    const later = unlocked(standing(first.state, 8), BY);
    expect(later.state.devices.map(({ id }) => id)).toEqual([idOf(2), idOf(3), idOf(4), PHONE]);
  });
});

test('unlocking reopens both budgets and nothing else', () => {
  const rest = { names: 3, frozen: true as const, origins: [{ origin: 'o', at: NOW }] };
  const locked = account([phone({ status: 'disabled' })], {
    ...rest,
    known: { wrong: 100, at: 1 },
    unknown: { wrong: 7, at: 1 },
  });
  expect(unlocked(standing(locked), BY).state).toEqual(account([phone({ status: 'disabled' })], rest));
});

test('an account is frozen once', () => {
  const event = frozen(standing(account([phone()])), [3, 4], BY)!;
  expect(event).toEqual({ type: 'frozen', sequences: [3, 4], ...BY, state: account([phone()], { frozen: true }) });
  expect(frozen(standing(event.state), [3, 5], BY)).toBeUndefined();
});

describe('names', () => {
  const counts = { added: 1, removed: 0 };

  test('are counted up before they change and after, and marked in between', () => {
    const before = renaming(standing(account([phone()], { names: 4 })), BY);
    expect(before).toEqual({
      type: 'renaming',
      ...BY,
      state: account([phone()], { names: 5, renaming: { open: 1, at: NOW } }),
    });
    expect(renamed(standing(before.state), counts, BY)).toEqual({
      type: 'renamed',
      ...counts,
      ...BY,
      state: account([phone()], { names: 6 }),
    });
  });

  test('the mark stays until the last of several changes has ended', () => {
    const twice = renaming(standing(renaming(standing(account([])), BY).state), BY);
    const once = renamed(standing(twice.state), counts, BY);
    expect(once.state.renaming).toEqual({ open: 1, at: NOW });
    expect(renamed(standing(once.state), counts, BY).state.renaming).toBeUndefined();
  });

  test('a change that never ends is forgotten after ten minutes', () => {
    const { state } = renaming(standing(account([])), BY);
    const later = (ms: number) => unlocked(standing(state), { ...BY, at: NOW + ms }).state.renaming;
    expect(later(RENAMING_MS - 1)).toEqual({ open: 1, at: NOW });
    expect(later(RENAMING_MS)).toBeUndefined();
  });
});
