import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { MAX_COUNTER, MAX_RANGE } from '@countersign/contracts';
import { NOW, STEP, phone, profile, token } from '../test/accounts.js';
import { MAX_GUESS_WIDTH, guessWidth, windowOf } from './index.js';

const rfc6238: { vectors: { unix_time: number; T_hex: string; algorithm: string }[] } = JSON.parse(
  readFileSync(new URL('../../../test/vectors/rfc6238-totp.json', import.meta.url), 'utf8'),
);

describe('TOTP', () => {
  const steps = rfc6238.vectors.filter(({ algorithm }) => algorithm === 'sha1');
  test.each(steps)('$unix_time s lies in step 0x$T_hex (RFC 6238 appendix B)', ({ unix_time, T_hex }) => {
    const step = Number.parseInt(T_hex, 16);
    const { floor, last } = windowOf(phone(), profile('totp'), unix_time * 1000);
    expect([floor, last]).toEqual([step - 1, step + 1]);
  });

  test.each([
    { at: 'the last ms of a step', now: 59_999, step: 1 },
    { at: 'the first ms of a step', now: 60_000, step: 2 },
  ])('$at', ({ now, step }) => {
    expect(windowOf(phone(), profile('totp'), now).last).toBe(step + 1);
  });

  test('one step before and one after may be accepted, and a little behind is looked at', () => {
    expect(windowOf(phone(), profile('totp'), NOW)).toEqual({
      from: STEP - 4,
      count: 6,
      floor: STEP - 1,
      last: STEP + 1,
    });
  });

  test('never below what was accepted', () => {
    expect(windowOf(phone({ floor: STEP + 1 }), profile('totp'), NOW)).toMatchObject({
      floor: STEP + 1,
      last: STEP + 1,
    });
  });

  test('nothing may be accepted once the newest step is spent', () => {
    const { floor, last } = windowOf(phone({ floor: STEP + 2 }), profile('totp'), NOW);
    expect(floor).toBeGreaterThan(last);
  });

  test('T0 and the step count (RFC 6238 section 4.2)', () => {
    const { last } = windowOf(phone(), profile('totp', { t0Seconds: 1_699_999_000, stepSeconds: 60 }), NOW);
    expect(last).toBe(16 + 1); // 1000 s of 60
  });

  test('T0 may lie before 1970', () => {
    const { floor, last } = windowOf(phone(), profile('totp', { t0Seconds: -100_000_000_000 }), NOW);
    expect([floor, last]).toEqual([3_389_999_999, 3_390_000_001]); // 101,700,000,000 s of 30
  });

  test('before T0 nothing may be accepted, and the question is still a lawful one', () => {
    const { from, count, floor, last } = windowOf(phone(), profile('totp', { t0Seconds: 4_102_444_800 }), NOW);
    expect({ from, count, floor }).toEqual({ from: 0, count: 1, floor: 0 });
    expect(last).toBeLessThan(floor);
  });
});

describe('HOTP', () => {
  test('ten counters from the floor on may be accepted', () => {
    expect(windowOf(token({ floor: 5 }), profile('hotp'), NOW)).toEqual({ from: 2, count: 13, floor: 5, last: 14 });
  });

  test('there is nothing below counter 0', () => {
    expect(windowOf(token({ floor: 1 }), profile('hotp'), NOW)).toEqual({ from: 0, count: 11, floor: 1, last: 10 });
  });

  test.each([MAX_COUNTER - 9, MAX_COUNTER, MAX_COUNTER + 1])(
    'floor %i: nothing above the largest counter is ever asked or accepted',
    (floor) => {
      const window = windowOf(token({ floor }), profile('hotp'), NOW);
      expect(window.last).toBe(MAX_COUNTER);
      expect(window.from + window.count - 1).toBe(MAX_COUNTER);
    },
  );
});

test('every question fits what the key service takes', () => {
  for (const now of [0, NOW, 253_402_300_799_999])
    for (const floor of [0, 1, STEP, MAX_COUNTER + 1])
      for (const type of ['totp', 'hotp'] as const) {
        const { from, count } = windowOf({ ...phone(), type, floor }, profile(type, { stepSeconds: 10 }), now);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(count).toBeGreaterThanOrEqual(1);
        expect(count).toBeLessThanOrEqual(MAX_RANGE);
      }
});

test('the width of a guess is what the windows accept', () => {
  expect(MAX_GUESS_WIDTH).toBe(32);
  for (const type of ['totp', 'hotp'] as const) {
    const { floor, last } = windowOf({ ...phone(), type }, profile(type), NOW);
    expect(guessWidth(type)).toBe(last - floor + 1);
  }
});
