import { expect, test } from '@jest/globals';
import { RULES } from './checker/result.js';
import { runTorture, type Tortured } from './torture.suite.js';

const PATIENCE_MS = 240_000;
const NOTHING_BROKEN = Object.fromEntries([...Object.keys(RULES), 'violations'].map((rule) => [rule, 0]));

/** What people read stands in the message, with the seed that plays it again. */
function expectSound({ status, result, told }: Tortured): void {
  if (status !== 0) throw new Error(told);
  expect(result).toMatchObject(NOTHING_BROKEN);
  expect(result.codes).toBeGreaterThan(500);
  expect(result.verdicts).toBeGreaterThan(1000);
  expect(result.challenges).toBeGreaterThan(30);
  expect(Object.keys(result.faults).length).toBeGreaterThan(3);
  expect(result.evaluated_guesses_max).toBeLessThanOrEqual(result.evaluated_guesses_cap);
  expect(result.answered_guesses_max).toBeLessThanOrEqual(result.answered_guesses_bound);
}

test(
  'lean, with a seed that stays: every promise holds',
  async () => {
    const tortured = await runTorture('--world lean --minutes 0.75 --seed 20261122', { namespaces: false });
    expect(tortured.result.seed).toBe(20261122);
    expectSound(tortured);
  },
  PATIENCE_MS,
);

test(
  'rich, with a fresh seed: every promise holds',
  async () => {
    expectSound(await runTorture('--world rich --minutes 1', { namespaces: true }));
  },
  PATIENCE_MS,
);
