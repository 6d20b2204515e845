import { expect, test } from '@jest/globals';
import { Chance } from '../chance/chance.js';
import { FAULT_KINDS } from '../faults/table.js';
import { plan, type Step } from './plan.js';

function first(count: number, seed: number): Step[] {
  const steps: Step[] = [];
  for (const step of plan(FAULT_KINDS, new Chance(seed))) if (steps.push(step) === count) return steps;
  return steps;
}

/** What a step is, with what its faults would draw. */
const told = ({ faults, lastsMs, pauseMs }: Step): unknown => ({
  faults: faults.map(({ kind, chance }) => [kind, chance.whole(1e6)]),
  lastsMs,
  pauseMs,
});

test('a seed stands for one schedule, targets included', () => {
  expect(first(50, 9).map(told)).toEqual(first(50, 9).map(told));
  expect(first(50, 9).map(told)).not.toEqual(first(50, 10).map(told));
});

test('every kind comes before any comes again, at times two at once', () => {
  const steps = first(100, 1);
  const drawn = steps.flatMap(({ faults }) => faults.map(({ kind }) => kind));
  expect(new Set(drawn.slice(0, FAULT_KINDS.length)).size).toBe(FAULT_KINDS.length);
  expect(steps.some(({ faults }) => faults.length === 2)).toBe(true);
});

test('no faults, no schedule', () => {
  expect([...plan([], new Chance(1))]).toEqual([]);
});
