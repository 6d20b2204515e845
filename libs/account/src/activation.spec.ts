import { describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY, type DeviceStatus } from '@countersign/contracts';
import { DAY, MINUTE, NOW, PHONE, SECOND, TOKEN, account, phone, profile, standing, stored } from '../test/accounts.js';
import {
  activationHolds,
  activationIssued,
  activationPresented,
  aged,
  moved,
  openActivation,
  type AccountEvent,
  type AccountState,
  type Activation,
  type Change,
} from './index.js';

const BY: Change = { by: 'desk', at: NOW };
const failing = (code: string) => expect.objectContaining({ code });
const terms = (digest: string) => ({ digest, expiresAt: NOW + 10 * MINUTE, profile: profile('totp') });
const usedFor = (digest: string, rest: object = {}): Activation => ({
  ...{ status: 'used', digest, device: PHONE, expiresAt: NOW + 30 * DAY, ...rest },
});
/** As the ledger holds it after the event. */
const after = (event: AccountEvent | undefined) => standing(stored(event!).state, 8);

const issued = (digest: string, state: AccountState = account([])) =>
  after(activationIssued(standing(state), terms(digest), BY));

describe('an invitation', () => {
  test('is open until its time', () => {
    const event = activationIssued(standing(account([])), terms('d1'), BY);
    expect(event).toMatchObject({ type: 'activation_issued', expiresAt: NOW + 10 * MINUTE, ...BY });
    expect(openActivation(after(event), 'd1', NOW + 10 * MINUTE - 1)).toMatchObject(terms('d1'));
    expect(openActivation(after(event), 'd1', NOW + 10 * MINUTE)).toBeUndefined();
    expect(openActivation(after(event), 'd2', NOW)).toBeUndefined();
  });

  test('ends the one before it', () => {
    const two = issued('d2', issued('d1').state);
    expect(openActivation(two, 'd1', NOW)).toBeUndefined();
    expect(openActivation(two, 'd2', NOW)).toBeDefined();
    expect(() => activationPresented(two, 'd1', PHONE, BY)).toThrow(failing('NOT_FOUND'));
  });

  test('leaves the last three used ones in memory', () => {
    const activations = ['u1', 'u2', 'u3', 'u4'].map((digest) => usedFor(digest));
    const { state } = issued('d1', account([], { activations }));
    expect(state.activations?.map(({ digest }) => digest)).toEqual(['u2', 'u3', 'u4', 'd1']);
  });
});

describe('a token', () => {
  test('is spent by its first use, for one device', () => {
    const event = activationPresented(issued('d1'), 'd1', PHONE, BY);
    expect(event).toMatchObject({ type: 'activation_redeemed', device: PHONE, ...BY });
    expect(event?.state.activations).toEqual([usedFor('d1')]);
    expect(openActivation(after(event), 'd1', NOW)).toBeUndefined();
    expect(activationHolds(after(event), 'd1', PHONE)).toBe(true);
    expect(activationHolds(after(event), 'd1', TOKEN)).toBe(false);
    expect(activationHolds(issued('d1'), 'd1', PHONE)).toBe(false);
  });

  test.each([
    ['unknown', issued('d1'), 'd2', NOW],
    ['out of time', issued('d1'), 'd1', NOW + 10 * MINUTE],
    ['used and forgotten', standing(account([phone()], { activations: [usedFor('d1')] })), 'd1', NOW + 30 * DAY],
  ])('that is %s is not found', (_what, at, digest, now) => {
    expect(() => activationPresented(at, digest, TOKEN, { ...BY, at: now })).toThrow(failing('NOT_FOUND'));
  });
});

describe('a second use of a token', () => {
  const tell: Change = { ...BY, policy: { ...DEFAULT_POLICY, onTokenReuse: 'tell' } };
  const owning = (status: DeviceStatus, rest: object = {}) =>
    standing(
      account([phone({ status, ...(status === 'pending' && { expiresAt: NOW + MINUTE }) })], {
        activations: [usedFor('d1', rest)],
      }),
    );
  const again = (at: ReturnType<typeof standing>, change = BY) => activationPresented(at, 'd1', TOKEN, change);

  test.each([
    ['active', 'disabled', true],
    ['pending', 'revoked', true],
    ['disabled', 'disabled', false],
    ['revoked', 'revoked', false],
  ] as const)('finds the device of the first use %s and leaves it %s', (status, left, disabled) => {
    const event = again(owning(status));
    expect(event).toMatchObject({ type: 'activation_reused', device: PHONE, disabled });
    expect(event?.state.devices[0]?.status).toBe(left);
  });

  test('ends a first use that has not made its device yet', () => {
    const redeemed = after(activationPresented(issued('d1'), 'd1', PHONE, BY));
    const event = again(redeemed);
    expect(event).toMatchObject({ type: 'activation_reused', device: PHONE, disabled: true });
    expect(activationHolds(after(event), 'd1', PHONE)).toBe(false);
  });

  test('is only told where the tenant wishes that', () => {
    const event = again(owning('active'), tell);
    expect(event).toMatchObject({ type: 'activation_reused', disabled: false });
    expect(event?.state.devices[0]?.status).toBe('active');
    const unmade = again(after(activationPresented(issued('d1'), 'd1', PHONE, BY)), tell);
    expect(unmade).toMatchObject({ disabled: false });
    expect(activationHolds(after(unmade), 'd1', PHONE, tell.policy)).toBe(true);
  });

  test('is written once a minute', () => {
    const once = after(again(owning('active'), tell));
    expect(again(once, { ...tell, at: NOW + SECOND })).toBeUndefined();
    expect(again(once, { ...tell, at: NOW + MINUTE })).toMatchObject({ type: 'activation_reused' });
    const unmade = after(again(standing(account([], { activations: [usedFor('d1')] }))));
    expect(again(unmade, { ...BY, at: NOW + SECOND })).toBeUndefined();
    expect(again(unmade, { ...BY, at: NOW + MINUTE })).toMatchObject({ disabled: false });
  });

  test('within the minute still takes the device away that an operator gave back', () => {
    const once = after(again(owning('active')));
    const back = after(moved(once, 'enabled', PHONE, BY));
    expect(again(back)).toMatchObject({ type: 'activation_reused', disabled: true });
  });
});

test('what has ended is forgotten', () => {
  const activations: Activation[] = [usedFor('u1'), { status: 'open', ...terms('d1') }];
  const state = account([], { activations });
  expect(aged(state, 7, NOW).activations).toEqual(activations);
  expect(aged(state, 7, NOW + 10 * MINUTE).activations).toEqual([usedFor('u1')]);
  expect(aged(state, 7, NOW + 30 * DAY)).not.toHaveProperty('activations');
});
