import { describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY, type DeviceId } from '@countersign/contracts';
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
  shows,
  standing,
  token,
  told,
} from '../test/accounts.js';
import {
  activationIssued,
  aged,
  enrolled,
  erased,
  frozen,
  imported,
  moved,
  pairingOpened,
  recoveryIssued,
  rekeyDue,
  rekeying,
  renaming,
  unlocked,
  type AccountState,
  type DeviceState,
  type NewDevice,
  type Standing,
} from './index.js';

const by = { by: 'desk', at: NOW };
const ask = (rest: object = {}) => attempt({ verb: 'rekey.confirm', device: PHONE, epoch: 2, request: 'r1', ...rest });
const begun = (state = account([phone({ floor: STEP - 9 })])): Standing =>
  standing(rekeying(standing(state), PHONE, { epoch: 2, record: 9 }, by).state, 8);
const only = ({ state }: Standing): DeviceState => state.devices[0] as DeviceState;

describe('a re-key', () => {
  test('leaves the present key working until the first code of the next one', () => {
    const at = begun();
    expect(only(at).next).toEqual({ epoch: 2, record: 9, expiresAt: NOW + 15 * MINUTE });
    expect(told(at, attempt(), NOW, shows(PHONE, STEP, 2)).verdict.reason).toBe('wrong_code');
    const signedIn = told(at, attempt(), NOW, shows(PHONE, STEP));
    expect(signedIn.verdict.verdict).toBe('accepted');
    const { verdict, event, next } = told(signedIn.next, ask(), NOW, shows(PHONE, STEP, 2)); // the same step, another key
    expect(verdict).toMatchObject({ verdict: 'accepted', device: PHONE });
    expect(event).toMatchObject({ type: 'rekeyed', device: PHONE, epoch: 2, record: 9, counter: STEP });
    expect(only(next)).toEqual({ id: PHONE, type: 'totp', status: 'active', epoch: 2, record: 9, floor: STEP + 1 });
  });

  test('ends the present key: its codes are wrong, and an acceptance that it gave is not repeated', () => {
    const signedIn = told(begun(), attempt({ request: 'old' }), NOW, shows(PHONE, STEP));
    const { next } = told(signedIn.next, ask(), NOW, shows(PHONE, STEP, 2));
    const later = NOW + 30 * SECOND;
    expect(told(next, attempt(), later, shows(PHONE, STEP + 1)).verdict.reason).toBe('wrong_code');
    expect(told(next, attempt({ request: 'old' }), NOW, shows(PHONE, STEP)).verdict.reason).toBe('wrong_code');
    expect(told(next, attempt(), later, shows(PHONE, STEP + 1, 2)).verdict.verdict).toBe('accepted');
    expect(told(next, attempt(), NOW, shows(PHONE, STEP, 2)).verdict.reason).toBe('replayed');
  });

  test('answers the same question again, and no other', () => {
    const { verdict, next } = told(begun(), ask(), NOW, shows(PHONE, STEP, 2));
    const again = told(next, ask(), NOW + SECOND, shows(PHONE, STEP, 2));
    expect(again.verdict).toEqual({ ...verdict, repeated: true });
    const decision = decide(next, ask({ request: 'r2' }), NOW + SECOND, shows(PHONE, STEP + 1, 2));
    expect(decision).toMatchObject({ kind: 'fail', code: 'NOT_FOUND' });
  });

  test('counts wrong codes like every guess, and clears nothing', () => {
    const wrong = told(begun(), ask({ request: 'x' }), NOW, WRONG);
    expect(wrong.verdict).toMatchObject({ reason: 'wrong_code', attemptsLeft: 4 });
    const { next } = told(wrong.next, ask({ origin: 'o' }), NOW, shows(PHONE, STEP, 2));
    expect(next.state.unknown?.wrong).toBe(1);
    expect(next.state.origins).toBeUndefined();
    const closed = { ...begun().state, unknown: { wrong: 5, at: NOW } };
    expect(told(standing(closed, 8), ask(), NOW, shows(PHONE, STEP, 2)).verdict.reason).toBe('locked');
  });

  test("of a token begins at counter 0, and leaves no trace of a code ahead on the present key's", () => {
    const state = account([token({ floor: 50, skipped: [48] })]);
    const at = standing(rekeying(standing(state), TOKEN, { epoch: 2, record: 9 }, by).state, 8);
    const rules = { policy: { ...DEFAULT_POLICY, autoResync: true }, version: 0 };
    const asked = ask({ device: TOKEN, request: undefined });
    const ahead = told(at, asked, NOW, shows(TOKEN, 20, 2), rules);
    expect(only(ahead.next)).toMatchObject({ epoch: 1, floor: 50, skipped: [48] });
    expect(only(ahead.next).ahead).toBeUndefined();
    const { next } = told(ahead.next, asked, NOW, shows(TOKEN, 3, 2), rules);
    expect(only(next)).toEqual({ id: TOKEN, type: 'hotp', status: 'active', epoch: 2, record: 9, floor: 4 });
  });

  const nothing: [string, Standing, object, number][] = [
    ['that was not begun', standing(account([phone()])), {}, NOW],
    ['of another epoch', begun(), { epoch: 3 }, NOW],
    ['of another device', begun(account([phone(), token()])), { device: TOKEN }, NOW],
    ['of no device', begun(), { device: 'nosuch000000' }, NOW],
    ['that waited a quarter of an hour', begun(), {}, NOW + 15 * MINUTE],
    ['of a device that was disabled since', standing(moved(begun(), 'disabled', PHONE, by)!.state), {}, NOW],
    ['of a device that was revoked since', standing(moved(begun(), 'revoked', PHONE, by)!.state), {}, NOW],
  ];
  test.each(nothing)('%s is not found, and no code is looked at', (_what, at, rest, now) => {
    const found = decide(at, ask(rest), now, shows(PHONE, STEP, 2));
    const detail = 'no re-key of such a device waits for this code; the present key goes on working';
    expect(found).toEqual({ kind: 'fail', code: 'NOT_FOUND', detail });
  });

  test('that was disabled and enabled since is over', () => {
    const off = standing(moved(begun(), 'disabled', PHONE, by)!.state);
    const on = standing(moved(off, 'enabled', PHONE, by)!.state);
    expect(only(on).next).toBeUndefined();
  });

  test('that is begun again supersedes the one before', () => {
    const at = begun(begun().state);
    const again = standing(rekeying(at, PHONE, { epoch: 2, record: 11 }, { ...by, at: NOW + MINUTE }).state);
    expect(only(again).next).toEqual({ epoch: 2, record: 11, expiresAt: NOW + 16 * MINUTE });
    expect(decide(again, ask(), NOW, []).kind).not.toBe('fail');
  });

  test.each<[string, AccountState, number]>([
    ['an epoch that is not the next', account([phone()]), 3],
    ['a key that was followed already', account([phone({ epoch: 2 })]), 2],
    ['a device that is disabled', account([phone({ status: 'disabled' })]), 2],
    ['a device that still waits', account([phone({ status: 'pending', expiresAt: NOW + 1 })]), 2],
    ['a device that is not there', account([token()]), 2],
  ])('is refused for %s, in the same words', (_what, state, epoch) => {
    const refused = { code: 'NOT_FOUND', message: expect.stringContaining('present key did not prove') };
    expect(() => rekeying(standing(state), PHONE, { epoch, record: 9 }, by)).toThrow(expect.objectContaining(refused));
  });

  test('that waited too long is gone with the next event', () => {
    expect(only({ ...begun(), state: aged(begun().state, 8, NOW + 15 * MINUTE) }).next).toBeUndefined();
  });

  test('is due when the policy says so', () => {
    const due = (days: number, at: number) => rekeyDue(phone(), { at }, NOW, { ...DEFAULT_POLICY, rekeyDays: days });
    expect([due(0, 0), due(30, NOW - 30 * DAY), due(30, NOW - 30 * DAY + 1)]).toEqual([false, true, false]);
    expect(rekeyDue(phone({ status: 'disabled' }), { at: 0 }, NOW, { ...DEFAULT_POLICY, rekeyDays: 1 })).toBe(false);
  });
});

describe('a device that is active at its first use', () => {
  const plan: NewDevice = { id: TOKEN, type: 'hotp', epoch: 1, record: 9, floor: 5, namedOnly: false };
  const add = (state: AccountState, rest: Partial<NewDevice> = {}) =>
    imported(standing(state), { ...plan, ...rest }, 'first-use', by);
  const at = standing(add(account([phone()])).state, 8);

  test('waits as long as the policy says, and its first code signs in', () => {
    expect(at.state.devices[1]).toMatchObject({ status: 'pending', firstUse: true, expiresAt: NOW + 90 * DAY });
    const late = NOW + 90 * DAY - 1;
    const { verdict, event, next } = told(at, attempt(), late, shows(TOKEN, 6));
    expect(verdict).toMatchObject({ verdict: 'accepted', device: TOKEN });
    expect(event).toMatchObject({ type: 'accepted', activated: true, counter: 6 });
    expect(next.state.devices[1]).toEqual({ id: TOKEN, type: 'hotp', status: 'active', epoch: 1, record: 9, floor: 7 });
    const second = told(next, attempt(), late, shows(TOKEN, 7));
    expect(second.event).not.toHaveProperty('activated');
  });

  test('is not found when it waited too long', () => {
    expect(told(at, attempt(), NOW + 90 * DAY, shows(TOKEN, 6)).verdict.reason).toBe('wrong_code');
    expect(aged(at.state, 8, NOW + 90 * DAY).devices).toHaveLength(1);
  });

  test('can be confirmed and resynchronised, too', () => {
    const first = told(at, attempt({ verb: 'device.confirm', device: TOKEN }), NOW, shows(TOKEN, 6));
    expect(first.next.state.devices[1]).toEqual({
      id: TOKEN,
      type: 'hotp',
      status: 'active',
      epoch: 1,
      record: 9,
      floor: 7,
    });
    const { next } = told(at, attempt({ verb: 'resync', device: TOKEN }), NOW, shows(TOKEN, 300));
    expect(next.state.devices[1]).toMatchObject({ status: 'pending', firstUse: true, floor: 301 });
  });

  test('counts among what one guess may hit', () => {
    const three = account(['a', 'b'].map((name) => device(name.repeat(12) as DeviceId, 'hotp')));
    const full = add(three).state;
    expect(() => add(full, { id: PHONE })).toThrow(expect.objectContaining({ code: 'LIMIT' }));
    expect(() => add(full, { id: PHONE, namedOnly: true })).not.toThrow();
  });

  test('that nobody may use any more is not judged', () => {
    const gone = standing(moved(at, 'revoked', TOKEN, by)!.state);
    expect(told(gone, attempt(), NOW, shows(TOKEN, 6)).verdict.reason).toBe('wrong_code');
    expect(gone.state.devices.find(({ id }) => id === TOKEN)).not.toHaveProperty('firstUse');
  });
});

describe('a device that replaces another', () => {
  const plan = { id: TOKEN, type: 'hotp', epoch: 1, record: 9, floor: 5, namedOnly: false, replaces: PHONE } as const;
  const at = standing(enrolled(standing(account([phone()])), plan, by).state, 8);
  const confirm = attempt({ verb: 'device.confirm', device: TOKEN });

  test('lets that one work until it is confirmed; the same event revokes it', () => {
    expect(told(at, attempt(), NOW, shows(PHONE, STEP)).verdict.verdict).toBe('accepted');
    const { event, next } = told(at, confirm, NOW, shows(TOKEN, 5));
    expect(event).toMatchObject({ type: 'confirmed', device: TOKEN, replaced: PHONE });
    expect(next.state.devices.map(({ id, status }) => [id, status])).toEqual([
      [TOKEN, 'active'],
      [PHONE, 'revoked'],
    ]);
    expect(next.state.devices[0]).not.toHaveProperty('replaces');
    expect(told(next, attempt(), NOW, shows(PHONE, STEP)).verdict.reason).toBe('wrong_code');
  });

  test('that nobody confirms replaces nothing', () => {
    const { next } = told(at, attempt(), NOW + 15 * MINUTE, shows(PHONE, STEP + 30));
    expect(next.state.devices.map(({ id, status }) => [id, status])).toEqual([[PHONE, 'active']]);
  });

  test('finds its place also where that one was revoked by then', () => {
    const gone = standing(moved(at, 'revoked', PHONE, by)!.state);
    const { event } = told(gone, confirm, NOW, shows(TOKEN, 5));
    expect(event).not.toHaveProperty('replaced');
  });

  test('takes its place at once when it is active at once, and with its first use when it waits for that', () => {
    const now = imported(standing(account([phone()])), plan, 'active', by);
    expect(now).toMatchObject({
      replaced: PHONE,
      state: { devices: [{ id: TOKEN }, { id: PHONE, status: 'revoked' }] },
    });
    const waiting = standing(imported(standing(account([phone()])), plan, 'first-use', by).state, 8);
    const { event } = told(waiting, attempt(), NOW, shows(TOKEN, 5));
    expect(event).toMatchObject({ activated: true, replaced: PHONE });
  });

  test('does not need room for both', () => {
    const full = account([
      device('a'.repeat(12) as DeviceId, 'hotp'),
      device('b'.repeat(12) as DeviceId, 'hotp'),
      device(PHONE, 'hotp'),
    ]);
    const waiting = standing(enrolled(standing(full), plan, by).state, 8);
    expect(told(waiting, confirm, NOW, shows(TOKEN, 5)).verdict.verdict).toBe('accepted');
    const beside = () => imported(standing(full), plan, 'first-use', by); // any verification would judge both
    expect(beside).toThrow(expect.objectContaining({ code: 'LIMIT' }));
    expect(() => imported(standing(full), plan, 'active', by)).not.toThrow();
  });
});

describe('an account that is erased', () => {
  const full = begun(
    account([phone()], {
      origins: [{ origin: 'o', at: NOW }],
      known: { wrong: 3, at: NOW },
      unknown: { wrong: 3, at: NOW },
      recent: [{ request: 'r', at: NOW, device: PHONE }],
      pairing: { session: 's', expiresAt: NOW + MINUTE, triesLeft: 1 },
      pairingsOpened: [NOW],
    }),
  );
  const at = standing(erased(full, by)!.state, 9);

  test('holds nothing of anybody, for ever', () => {
    expect(at.state).toEqual({ v: 1, names: 2, devices: [], erased: true });
    expect(aged(at.state, 9, NOW + 4000 * DAY)).toEqual(at.state);
    expect(erased(at, by)).toBeUndefined();
    expect(told(at, attempt(), NOW, shows(PHONE, STEP)).verdict.reason).toBe('disabled');
  });

  test('takes nothing in, and stays frozen when it was', () => {
    const plan = { id: TOKEN, type: 'hotp', epoch: 1, record: 9, floor: 5, namedOnly: false } as const;
    const profile = { type: 'totp', algorithm: 'SHA1', digits: 6, stepSeconds: 30, t0Seconds: 0, counter: 0 } as const;
    const changes = [
      () => enrolled(at, plan, by),
      () => imported(at, plan, 'active', by),
      () => recoveryIssued(at, plan, by),
      () => activationIssued(at, { digest: 'd', expiresAt: NOW + MINUTE, profile }, by),
      () => pairingOpened(at, 's', by),
      () => renaming(at, by),
      () => unlocked(at, by),
    ];
    for (const change of changes) expect(change).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    const forked = standing(frozen(full, [1, 2], by)!.state);
    expect(erased(forked, by)!.state).toMatchObject({ frozen: true, erased: true });
  });
});
