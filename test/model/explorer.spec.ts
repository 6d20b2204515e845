import { expect, test } from '@jest/globals';
import { explore, type System } from './explorer.js';

/** States are letters; a capital step is trouble. */
const system = (ways: Record<string, string>, finished: string): System<string> => ({
  initial: 'a',
  key: (state) => state,
  finished: (state) => finished.includes(state),
  steps: (state) =>
    [...(ways[state] ?? '')].map((to) => ({
      name: () => `${state} to ${to}`,
      next: to.toLowerCase(),
      fault: to !== to.toLowerCase(),
      broken: to === 'z' ? 'never z' : undefined,
    })),
});
const STUCK = 'without further trouble everybody gets an answer';

test.each([
  ['an end without an answer', { a: 'bc', b: 'd' }, 'd', { rule: STUCK, trace: ['a to c'] }],
  ['a circle without an answer', { a: 'bD', b: 'c', d: 'e', e: 'fc', f: 'd' }, 'c', { rule: STUCK, trace: ['a to D'] }],
  ['only trouble leads on', { a: 'b', b: 'C' }, 'c', { rule: STUCK, trace: ['a to b'] }],
  [
    'the nearest break of a rule',
    { a: 'bc', b: 'd', d: 'z', c: 'z' },
    '',
    { rule: 'never z', trace: ['a to c', 'c to z'] },
  ],
])('finds %s', (_, ways, finished, broken) => {
  expect(explore(system(ways as unknown as Record<string, string>, finished)).broken).toEqual(broken);
});

test('has nothing against a circle that trouble drives, and counts each state once', () => {
  const { states, steps, broken } = explore(system({ a: 'bc', b: 'dA', c: 'd' }, 'd'));
  expect({ states, steps, broken }).toEqual({ states: 4, steps: 5, broken: undefined });
});
