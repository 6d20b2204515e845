import { describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '@countersign/contracts';
import { DAY, NOW, PHONE, WRONG, account, attempt, phone, shows, standing, told } from '../test/accounts.js';
import { answeredInAYear, challengeChanceInAYear, chanceInAYear, hitByOneGuess } from './index.js';

const YEAR = 365 * DAY;

/** Guesses without pause, beside an owner who signs in (without an origin) after every fourth wrong code. */
function answeredBeside(signsIn: boolean, state = account([phone()])): number {
  let at = standing(state);
  let answered = 0;
  for (let now = NOW; now < NOW + YEAR;) {
    const { verdict, next } = told(at, attempt(), now, WRONG);
    at = next;
    if (verdict.reason === 'locked' && verdict.retryAfterMs === undefined) break;
    if (verdict.reason === 'wrong_code') answered += 1;
    now += verdict.retryAfterMs ?? 1000;
    if (!signsIn || answered % 4 !== 0) continue;
    now += 30_000;
    const step = Math.floor(now / 30_000);
    at = told(at, attempt(), now, shows(PHONE, step)).next;
  }
  return answered;
}

describe('wrong codes answered in a year', () => {
  test('are a hundred where the owner signs in from known origins', () => {
    expect(answeredInAYear(DEFAULT_POLICY, 'elsewhere')).toBe(100);
    expect(answeredBeside(false)).toBe(100);
  });

  test('are at most a hundred in each thirty days where every sign-in clears the waiting', () => {
    expect(answeredInAYear(DEFAULT_POLICY, 'here')).toBe(1400);
    const simulated = answeredBeside(true);
    expect(simulated).toBeGreaterThan(1200);
    expect(simulated).toBeLessThanOrEqual(1300); // thirty days begin 13 times in 365, and end in them once more:
    const typedBefore = { wrong: 0, at: NOW - 29 * DAY, cleared: { wrong: 1, since: NOW - 29 * DAY } };
    const later = answeredBeside(true, account([phone()], { unknown: typedBefore }));
    expect(later).toBeGreaterThan(1300);
    expect(later).toBeLessThanOrEqual(1400);
  });

  test('follow the policy: two free ones, a day at most and at least', () => {
    const policy = { ...DEFAULT_POLICY, freeAttempts: 2, firstDelayMs: 3_600_000, longestDelayMs: 86_400_000 };
    // at 0 two, then after 1, 2, 4, 8 and 16 hours, then one each day: 365 days less 31 hours
    expect(answeredInAYear({ ...policy, operatorAfter: 100 }, 'elsewhere')).toBe(100);
    expect(answeredInAYear({ ...policy, wrongPer30Days: 10 }, 'elsewhere')).toBe(22); // 10, then one each 30 days
  });
});

describe('the chance of a year', () => {
  test('by hand: a hundred guesses at three of a million codes', () => {
    expect(chanceInAYear({ type: 'totp', digits: 6, devices: 1 }, DEFAULT_POLICY, 'elsewhere')).toBeCloseTo(3e-4, 10);
    expect(chanceInAYear({ type: 'hotp', digits: 8, devices: 1 }, DEFAULT_POLICY, 'here')).toBeCloseTo(1.4e-4, 10);
  });

  test.each([
    ['letters', 4, 6.25e-4],
    ['digits', 6, 1e-4],
    ['letters', 6, 1.5625e-6],
    ['digits', 8, 1e-6],
  ] as const)('of challenges, %s, %i of them: a hundred guesses at one code each', (kind, length, chance) => {
    expect(challengeChanceInAYear({ kind, length }, DEFAULT_POLICY, 'elsewhere')).toBeCloseTo(chance, 12);
    expect(challengeChanceInAYear({ kind, length }, DEFAULT_POLICY, 'here')).toBeCloseTo(14 * chance, 12);
  });

  test('of a recovery sheet: ten of 2^50 codes for each guess', () => {
    const sheet = { type: 'recovery', digits: 10, devices: 1 } as const;
    expect(chanceInAYear(sheet, DEFAULT_POLICY, 'elsewhere') * 2 ** 50).toBeCloseTo(1000, 6); // 9 in 10^13
    expect(chanceInAYear(sheet, DEFAULT_POLICY, 'here') * 2 ** 50).toBeCloseTo(14_000, 6);
  });

  test.each([
    ['totp', 1, 3],
    ['totp', 10, 30],
    ['totp', 16, 30],
    ['hotp', 1, 10],
    ['hotp', 16, 30],
  ] as const)('of %s, %i devices: one guess hits at most %i codes', (type, devices, codes) => {
    expect(hitByOneGuess(type, devices, DEFAULT_POLICY)).toBe(codes);
  });

  test('is what many guessers win, and not less', () => {
    // a code of three digits, ten of them open, fifty guesses without repetition: 1 - product of (990 - i) / (1000 - i)
    let exact = 1;
    for (let guess = 0; guess < 50; guess += 1) exact *= (990 - guess) / (1000 - guess);
    const policy = { ...DEFAULT_POLICY, operatorAfter: 50 };
    const bound = chanceInAYear({ type: 'hotp', digits: 3, devices: 1 }, policy, 'elsewhere');
    let lucky = 0;
    let random = 1;
    const next = (): number => (random = (random * 48_271) % 2_147_483_647); // Park and Miller's generator
    for (let guesser = 0; guesser < 4000; guesser += 1) {
      const right = new Set<number>();
      while (right.size < 10) right.add(next() % 1000);
      const first = next() % 1000;
      if (Array.from({ length: 50 }, (_, guess) => (first + guess) % 1000).some((code) => right.has(code))) lucky += 1;
    }
    expect(Math.abs(lucky / 4000 - (1 - exact))).toBeLessThan(0.03);
    expect(bound).toBeGreaterThanOrEqual(1 - exact);
    expect(bound).toBeCloseTo(0.5, 10);
  });
});
