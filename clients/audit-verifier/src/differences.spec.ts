import { describe, expect, test } from '@jest/globals';
import { differences } from './differences.js';
import { nameDifferences } from './name-differences.js';

const EXPECTED = Array.from({ length: 2000 }, (_, at) => String(at));

const named = (found: string[]) =>
  nameDifferences(differences(EXPECTED.values(), found.values()), EXPECTED.length).map(({ kind, index, count }) => [
    kind,
    index,
    count,
  ]);
const without = (index: number, count: number, ...others: string[]) => [
  ...EXPECTED.slice(0, index),
  ...others,
  ...EXPECTED.slice(index + count),
];
const swapped = (one: number, other: number) =>
  EXPECTED.map((each, at) => EXPECTED[at === one ? other : at === other ? one : at] as string);

describe('what was done to a sequence is named', () => {
  test.each<[string, string[], unknown[]]>([
    ['nothing', EXPECTED, []],
    ['one changed', without(700, 1, 'x'), [['changed', 700, 1]]],
    ['one dropped', without(700, 1), [['dropped', 700, 1]]],
    ['more dropped than a window holds', without(100, 1500), [['dropped', 100, 1500]]],
    ['the first dropped', without(0, 1), [['dropped', 0, 1]]],
    ['one inserted', without(700, 0, 'x'), [['inserted', 700, 1]]],
    ['one appended', [...EXPECTED, 'x'], [['inserted', 2000, undefined]]],
    ['one that was there, inserted again', without(700, 0, '3'), [['inserted', 700, 1]]],
    ['neighbours exchanged', swapped(700, 701), [['reordered', 700, 2]]],
    [
      'two far apart exchanged',
      swapped(3, 1999),
      [
        ['reordered', 3, 1],
        ['reordered', 1999, 1],
      ],
    ],
    ['the end cut off', EXPECTED.slice(0, 1500), [['truncated', 1500, 500]]],
    ['all of it cut off', [], [['truncated', 0, 2000]]],
    [
      'one dropped and another changed',
      without(10, 1).map((each) => (each === '90' ? 'x' : each)),
      [
        ['dropped', 10, 1],
        ['changed', 90, 1],
      ],
    ],
  ])('%s', (_, found, expected) => {
    expect(named(found)).toEqual(expected);
  });
});
