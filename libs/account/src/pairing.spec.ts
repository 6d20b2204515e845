import { describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY, type Policy } from '@countersign/contracts';
import { NOW, PHONE, SECOND, account, phone, standing, stored } from '../test/accounts.js';
import {
  aged,
  enrolled,
  pairingConfirmed,
  pairingOpened,
  pairingTried,
  type AccountEvent,
  type AccountState,
  type Standing,
} from './index.js';

const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const [ONE, TWO] = ['0123456789abcdef', 'zyxwvtsrqpnmkjhg'];
const by = (at = NOW, policy: Partial<Policy> = {}) => ({ by: 'desk', at, policy: { ...DEFAULT_POLICY, ...policy } });
const failing = (code: string) => expect.objectContaining({ code });
/** As the ledger holds it after the event. */
const after = (event: AccountEvent): Standing => standing(stored(event).state, 8);
const opened = (session: string = ONE, state: AccountState = account([]), at = NOW): Standing =>
  after(pairingOpened(standing(state), session, by(at)));

describe('a session of pairing', () => {
  test('has its tries and its time from the policy', () => {
    const event = pairingOpened(standing(account([])), ONE, by(NOW, { pairingTries: 5, pairingSeconds: 600 }));
    expect(event).toMatchObject({ type: 'pairing_opened', session: ONE, expiresAt: NOW + 600 * SECOND, by: 'desk' });
    expect(event.state.pairing).toEqual({ session: ONE, expiresAt: NOW + 600 * SECOND, triesLeft: 5 });
  });

  test('loses a try with each share, and after the last one none is looked at', () => {
    let now = opened();
    for (const triesLeft of [2, 1, 0]) {
      const event = pairingTried(now, ONE, by());
      expect(event).toMatchObject({ type: 'pairing_tried', session: ONE, triesLeft });
      now = after(event);
    }
    expect(() => pairingTried(now, ONE, by())).toThrow(failing('NOT_FOUND'));
    expect(pairingConfirmed(now, ONE, by())).toMatchObject({ type: 'pairing_confirmed', session: ONE });
  });

  test('is over once it is confirmed', () => {
    const now = after(pairingConfirmed(opened(), ONE, by()));
    expect(now.state.pairing).toBeUndefined();
    for (const step of [pairingTried, pairingConfirmed])
      expect(() => step(now, ONE, by())).toThrow(failing('NOT_FOUND'));
  });

  test('is over with its time', () => {
    const [last, late] = [NOW + 120 * SECOND - 1, NOW + 120 * SECOND];
    for (const step of [pairingTried, pairingConfirmed]) {
      expect(step(opened(), ONE, by(last)).at).toBe(last);
      expect(() => step(opened(), ONE, by(late))).toThrow(failing('NOT_FOUND'));
    }
  });

  test('ends the one before it', () => {
    const now = opened(TWO, opened().state);
    for (const step of [pairingTried, pairingConfirmed])
      expect(() => step(now, ONE, by())).toThrow(failing('NOT_FOUND'));
    expect(pairingTried(now, TWO, by())).toMatchObject({ triesLeft: 2 });
  });

  test('every refusal says the same', () => {
    const spent = { ...account([]), pairing: { session: ONE, expiresAt: NOW + 1, triesLeft: 0 } };
    const texts = [account([]), spent, opened(TWO).state].map((state) => {
      try {
        pairingTried(standing(state), ONE, by());
      } catch (error) {
        return (error as Error).message;
      }
      return undefined;
    });
    expect(new Set(texts)).toEqual(new Set(['this pairing cannot be used, or not any more; open another one']));
  });
});

test('so many sessions in an hour, and no more, whatever became of them', () => {
  let now = standing(account([]));
  for (let at = NOW; at < NOW + 10 * MINUTE; at += MINUTE) now = after(pairingOpened(now, ONE, by(at)));
  now = after(pairingConfirmed(now, ONE, by(NOW + 10 * MINUTE)));
  expect(() => pairingOpened(now, TWO, by(NOW + HOUR - 1))).toThrow(failing('LIMIT'));
  expect(pairingOpened(now, TWO, by(NOW + HOUR - 1, { pairingsPerHour: 11 })).type).toBe('pairing_opened');
  expect(pairingOpened(now, TWO, by(NOW + HOUR)).state.pairingsOpened).toHaveLength(10);
});

test('time takes all of it away again', () => {
  const { state } = opened();
  expect(aged(state, 8, NOW + 119 * SECOND)).toMatchObject({ pairing: { session: ONE }, pairingsOpened: [NOW] });
  const late = aged(state, 8, NOW + HOUR);
  expect([late.pairing, late.pairingsOpened]).toEqual([undefined, undefined]);
});

describe('paired devices', () => {
  const device = { id: PHONE, type: 'totp', epoch: 1, record: 7, floor: 0, namedOnly: false, paired: true } as const;
  const others = (count: number, rest: object) =>
    Array.from({ length: count }, (_, n) => ({ ...phone(), id: `00000000000${n}` as typeof PHONE, ...rest }));

  test('are so many; those that were revoked or came otherwise are not counted', () => {
    const add = (devices: ReturnType<typeof others>) =>
      enrolled(standing(account(devices)), device, by(NOW, { pairedDevices: 2 }));
    expect(() => add(others(2, { paired: true }))).toThrow(failing('LIMIT'));
    expect(add(others(2, {})).state.devices.at(-1)).toMatchObject({ id: PHONE, paired: true, status: 'pending' });
    expect(add(others(2, { paired: true, status: 'revoked' })).type).toBe('enrolled');
  });
});
