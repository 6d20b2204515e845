import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { parseAccountId, parseTenant } from '@countersign/contracts';
import type { PlatformEnd } from '@countersign/pairing';
import { MAX_SESSIONS, Sessions, type Session } from './sessions.js';

const NOW = 1_700_000_000_000;
const LASTS_MS = 120_000;
const tenant = parseTenant('acme');
const account = (n: number) => parseAccountId(String(n).padStart(20, '0'));
const session = (n: number, id = `s${n}`): Session => ({
  ...{ id, tenant, account: account(n), namedOnly: false, end: {} as PlatformEnd, expiresAt: NOW + LASTS_MS },
  profile: { type: 'totp', algorithm: 'SHA1', digits: 6, stepSeconds: 30, t0Seconds: 0, counter: 0 },
});
const of = (n: number) => ({ tenant, account: account(n) });

let sessions: Sessions;
const hold = (held: Session) => sessions.hold(() => Promise.resolve(held));

beforeEach(() => {
  jest.useFakeTimers();
  sessions = new Sessions({ now: () => NOW });
});
afterEach(() => {
  jest.useRealTimers();
});

test('a session is found by its own account in its own tenant, until its time ends', async () => {
  const one = await hold(session(1));
  expect(sessions.find('s1', of(1))).toBe(one);
  expect(sessions.find('s1', of(2))).toBeUndefined();
  expect(sessions.find('s1', { ...of(1), tenant: parseTenant('beta') })).toBeUndefined();
  jest.advanceTimersByTime(LASTS_MS - 1);
  expect(sessions.find('s1', of(1))).toBe(one);
  jest.advanceTimersByTime(1);
  expect(sessions.find('s1', of(1))).toBeUndefined();
});

test('an account has one: the next forgets it', async () => {
  await hold(session(1));
  await hold(session(2));
  const next = await hold(session(1, 'next'));
  expect(sessions.find('s1', of(1))).toBeUndefined();
  expect([sessions.find('next', of(1)), sessions.find('s2', of(2))]).toEqual([next, expect.anything()]);
});

test('so many are held, those being opened counted; what ends makes room', async () => {
  const doors: (() => void)[] = [];
  const opening = Array.from({ length: MAX_SESSIONS - 1 }, (_, n) =>
    sessions.hold(() => new Promise<Session>((resolve) => doors.push(() => resolve(session(n))))),
  );
  await expect(sessions.hold(() => Promise.reject(new Error('no')))).rejects.toThrow('no'); // its place is free again
  await hold(session(99));
  const busy = { code: 'BUSY', retryAfterMs: 1000 };
  await expect(hold(session(100))).rejects.toMatchObject(busy);
  for (const open of doors) open();
  await Promise.all(opening);
  await expect(hold(session(100))).rejects.toMatchObject(busy);
  sessions.forget({ id: 's7' });
  expect(await hold(session(100))).toMatchObject({ id: 's100' });
});
