import { describe, expect, test } from '@jest/globals';
import type { DeviceId } from '@countersign/contracts';
import {
  DAY,
  NOW,
  PHONE,
  SECOND,
  STEP,
  TOKEN,
  account,
  attempt,
  device,
  phone,
  shows,
  standing,
  token,
  told,
} from '../test/accounts.js';
import {
  challengeIssued,
  MAX_EVENT_BYTES,
  moved,
  type AccountEvent,
  type AccountState,
  type Standing,
} from './index.js';

/** Bytes of an event as it lies in the ledger: with sequences and nonce as long as they get in practice. */
const bytesOf = (event: AccountEvent): number =>
  Buffer.byteLength(JSON.stringify({ ...event, after: 123_456_789, nonce: 'n'.repeat(12) }));
const digest = (text: string): string => text.padEnd(16, '0'); // 96 bits as base64url

/** Signs in once a day for a week, each time with a requestId and mostly from the same place. */
function usual(state: AccountState, typed: (day: number) => ReturnType<typeof shows>, origins = 1): AccountEvent[] {
  const events: AccountEvent[] = [];
  let at: Standing = standing(state, 123_456_789);
  for (let day = 0; day < 7; day++) {
    const origin = digest(`o${day % origins}`);
    const question = attempt({ by: 'shop-backend', request: digest(`q${day}`), origin });
    const { event, next, verdict } = told(at, question, NOW + day * DAY, typed(day));
    expect(verdict.verdict).toBe('accepted');
    events.push(event as AccountEvent);
    at = standing(next.state, 123_456_789 + day);
  }
  return events;
}

const record = 123_456_789;
const byPhone = (day: number) => shows(PHONE, STEP + (day * 86_400) / 30);
const byToken = (day: number) => shows(TOKEN, 1000 + day);
const usualAccounts = [
  { who: 'a phone', events: usual(account([phone({ record })]), byPhone) },
  { who: 'a token', events: usual(account([token({ record, floor: 1000 })]), byToken) },
  { who: 'a phone, two places', events: usual(account([phone({ record })]), byPhone, 2) },
  { who: 'a phone and a token', events: usual(account([phone({ record }), token({ record })]), byPhone) },
];

describe("a tenant's mean stays at most 600 bytes, since every append loads the account's last event", () => {
  test('over the usual accounts', () => {
    const last = usualAccounts.map(({ events }) => bytesOf(events.at(-1)!));
    const mean = last.reduce((sum, bytes) => sum + bytes, 0) / last.length;
    expect(mean).toBeLessThanOrEqual(600);
  });

  test.each(usualAccounts)('$who: no event of a week is far from it', ({ events }) => {
    for (const event of events) expect(bytesOf(event)).toBeLessThanOrEqual(750);
  });
});

test('a phone that was activated is larger for the thirty days in which a second use is noticed', () => {
  const used = { status: 'used', digest: 'd'.repeat(22), device: PHONE, expiresAt: NOW + 30 * DAY } as const;
  const events = usual(account([phone({ record })], { activations: [used] }), byPhone);
  for (const event of events) expect(bytesOf(event)).toBeLessThanOrEqual(700);
});

test('the largest account there can be stays below the limit of an event', () => {
  const idOf = (n: number): DeviceId => `d${String(n).padStart(11, '0')}` as DeviceId;
  const largest = Number.MAX_SAFE_INTEGER - 1024;
  const minute = Math.floor(NOW / 60_000);
  const rest = { record: largest, floor: largest, epoch: 1_000_000, namedOnly: true } as const;
  const replay = { minute, counters: Array.from({ length: 20 }, (_, n) => largest - n) };
  const devices = [
    ...Array.from({ length: 4 }, (_, n) => device(idOf(n), 'hotp', { ...rest, status: 'revoked' })),
    ...Array.from({ length: 15 }, (_, n) => device(idOf(10 + n), 'totp', { ...rest, replay })),
    token({ record: largest, floor: largest - 100 }),
  ];
  const longest = 'q'.repeat(64);
  const recent = Array.from({ length: 8 }, (_, n) => ({
    ...{ request: `${n}${longest}`, at: NOW, verb: 'device.confirm' as const, reason: 'wrong_code' as const },
    ...{ device: idOf(10), sequence: largest },
  }));
  const bucket = { wrong: 99, at: NOW - DAY, noted: minute };
  const full = account(devices, {
    ...{ names: 1_000_000, known: bucket, unknown: bucket, recent },
    activations: Array.from({ length: 4 }, (_, n) => ({
      ...{ status: 'used' as const, digest: `${n}${longest}`, device: idOf(10), expiresAt: NOW + DAY, again: minute },
    })),
    origins: Array.from({ length: 8 }, (_, n) => ({ origin: `${n}${longest}`, at: NOW })),
  });
  const question = attempt({ by: 'c'.repeat(32), request: longest, origin: longest });
  for (const typed of [shows(TOKEN, largest - 100), shows(TOKEN, largest - 101), []]) {
    const { event } = told(standing(full, largest), question, NOW + SECOND, typed);
    expect(bytesOf(event!)).toBeLessThan(MAX_EVENT_BYTES * 0.75);
  }
  const revoked = moved(standing(full, largest), 'revoked', idOf(10), { by: 'c'.repeat(32), at: NOW })!;
  expect(bytesOf(revoked)).toBeLessThan(MAX_EVENT_BYTES * 0.75);
});

test('eight open challenges, each bound to a payment, add 2.3 KB while they are open', () => {
  const id = (index: number): string => `challenge000000${index}`;
  const nonce = 'n'.repeat(22);
  const bound = { purpose: 'payment', transaction: 't'.repeat(22), device: PHONE };
  let at = standing(account([phone()]));
  const before = JSON.stringify(at.state).length;
  for (let index = 0; index < 8; index += 1) {
    const wanted = {
      id: id(index),
      nonce,
      form: { kind: 'digits', length: 6 },
      bound,
      request: 'r'.repeat(16),
    } as const;
    const event = challengeIssued(at, { ...wanted, to: 'mail' }, { by: 'shop', at: NOW });
    at = standing(event.state, at.sequence + 1);
  }
  const added = JSON.stringify(at.state).length - before;
  expect(added).toBeGreaterThan(2200);
  expect(added).toBeLessThanOrEqual(2350);
});
