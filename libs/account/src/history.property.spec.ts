import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DAY, MINUTE, SECOND } from '../test/accounts.js';
import { History, SKEW_MS, type Step } from '../test/history.js';
import { MAX_EVENT_BYTES } from './index.js';

/** Set PROPERTY_SEED to play a failing run again; fast-check prints seed and path of a failure. */
const seed = Number(process.env.PROPERTY_SEED ?? process.hrtime.bigint() % 2_147_483_647n);

const skewMs = fc.integer({ min: -SKEW_MS, max: SKEW_MS });
const index = fc.nat({ max: 17 });
const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const ahead = fc.integer({ min: -5, max: 12 });
const question = fc.record({
  verb: fc.constantFrom('verify', 'verify', 'verify', 'device.confirm'),
  named: sometimes(index),
  origin: sometimes(fc.nat({ max: 10 })),
  request: sometimes(fc.nat({ max: 12 })),
  typed: fc.oneof(
    { weight: 2, arbitrary: fc.record({ device: index, ahead, twin: sometimes(ahead) }) },
    { weight: 3, arbitrary: fc.constant('wrong') },
  ),
}) as fc.Arbitrary<Extract<Step, { do: 'try' }>['question']>;
const waits = [1, SECOND, 10 * SECOND, 30 * SECOND, MINUTE, 16 * MINUTE, 60 * MINUTE, 61 * MINUTE, 31 * DAY];

const rare: fc.Arbitrary<Step> = fc.constantFrom<Step>({ do: 'unlock' }, { do: 'unlock' }, { do: 'freeze' });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 40, arbitrary: fc.record({ do: fc.constant('try' as const), skewMs, question }) },
  {
    weight: 15,
    arbitrary: fc.record({
      ...{ do: fc.constant('again' as const), skewMs, back: fc.nat({ max: 9 }) },
      change: fc.constantFrom('nothing', 'nothing', 'verb', 'name', 'origin') as fc.Arbitrary<'nothing'>,
    }),
  },
  { weight: 20, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(...waits) }) },
  {
    weight: 12,
    arbitrary: fc.record({
      ...{ do: fc.constant('add' as const), type: fc.constantFrom('totp', 'hotp') as fc.Arbitrary<'totp'> },
      ...{ namedOnly: fc.boolean(), active: fc.boolean() },
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      ...{ do: fc.constant('move' as const), device: index },
      move: fc.constantFrom('disabled', 'enabled', 'revoked') as fc.Arbitrary<'revoked'>,
    }),
  },
  { weight: 1, arbitrary: rare },
);

const ADDED: Step[] = [
  { do: 'add', type: 'totp', namedOnly: false, active: true },
  { do: 'add', type: 'hotp', namedOnly: false, active: false },
];

function play(steps: Step[]): History {
  const history = new History();
  for (const each of [...ADDED, ...steps]) history.take(each);
  return history;
}

describe(`any history of an account (PROPERTY_SEED=${seed})`, () => {
  const seen: Record<string, number> = {};
  let largestBytes = 0;

  test('accepts no counter twice, answers no guess beyond its budget, nothing after a revocation (I1, I2, I4)', () => {
    const run = (steps: Step[]): void => {
      const history = play(steps);
      largestBytes = Math.max(largestBytes, history.largestBytes);
      for (const [what, times] of Object.entries(history.counts)) seen[what] = (seen[what] ?? 0) + times;
    };
    fc.assert(fc.property(fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }), run), {
      numRuns: 200,
      seed,
      interruptAfterTimeLimit: MINUTE,
    });
  });

  test('met every kind of answer', () => {
    const kinds = ['accepted', 'wrong_code', 'replayed', 'locked', 'disabled', 'frozen', 'repeated'];
    for (const kind of [...kinds, 'NOT_FOUND', 'CONFLICT']) expect([kind, seen[kind] ?? 0]).not.toEqual([kind, 0]);
  });

  test('stays below the largest event', () => {
    expect(largestBytes).toBeGreaterThan(0);
    expect(largestBytes).toBeLessThan(MAX_EVENT_BYTES);
  });
});

test('who only guesses gets 5 answers at once, then one a wait, and 100 in all', () => {
  const history = new History();
  history.take(ADDED[0]!);
  const guess: Step = { do: 'try', skewMs: 0, question: { verb: 'verify', typed: 'wrong' } };
  const answeredWithin = (ms: number, everyMs: number): number => {
    for (const end = history.now + ms; history.now < end; history.take({ do: 'wait', ms: everyMs })) {
      history.take(guess);
      history.take(guess);
    }
    return history.counts['wrong_code'] ?? 0;
  };
  expect(answeredWithin(29 * SECOND, SECOND)).toBe(5);
  expect(answeredWithin(MINUTE, SECOND)).toBe(6);
  expect(answeredWithin(60 * MINUTE, 10 * SECOND)).toBe(11); // after 30, 60, ... 960 s
  expect(answeredWithin(7 * DAY, 10 * MINUTE)).toBe(100);
  expect(history.counts['accepted']).toBeUndefined();
});
