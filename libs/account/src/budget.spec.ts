import { describe, expect, test } from '@jest/globals';
import { attemptsLeft, closure, delayMs } from './index.js';

const AT = 1_700_000_000_000;

describe('how long nobody is answered', () => {
  // 0 for the first five, then 30 s doubled by each further one, an hour at most
  test.each([
    [0, 0],
    [1, 0],
    [4, 0],
    [5, 30],
    [6, 60],
    [7, 120],
    [8, 240],
    [9, 480],
    [10, 960],
    [11, 1920],
    [12, 3600],
    [50, 3600],
    [99, 3600],
    [5000, 3600],
  ])('after %i wrong codes: %i s', (wrong, seconds) => {
    expect(delayMs(wrong)).toBe(seconds * 1000);
  });
});

describe('a budget', () => {
  test('that nobody used is open', () => {
    expect(closure(undefined, AT)).toEqual({ kind: 'open' });
  });

  test.each([
    { wrong: 4, laterMs: 0, kind: 'open' },
    { wrong: 5, laterMs: 0, kind: 'wait' },
    { wrong: 5, laterMs: 29_999, kind: 'wait' },
    { wrong: 5, laterMs: 30_000, kind: 'open' },
    { wrong: 99, laterMs: 3_599_999, kind: 'wait' },
    { wrong: 99, laterMs: 3_600_000, kind: 'open' },
    { wrong: 100, laterMs: 365 * 24 * 3_600_000, kind: 'operator' },
    { wrong: 101, laterMs: 0, kind: 'operator' },
  ])('with $wrong wrong codes is $kind $laterMs ms later', ({ wrong, laterMs, kind }) => {
    expect(closure({ wrong, at: AT }, AT + laterMs).kind).toBe(kind);
  });

  test('says until when to wait', () => {
    expect(closure({ wrong: 6, at: AT }, AT + 1)).toEqual({ kind: 'wait', untilMs: AT + 60_000 });
  });

  test("with free attempts left is open even if the last one is ahead of this replica's clock", () => {
    expect(closure({ wrong: 2, at: AT + 5000 }, AT)).toEqual({ kind: 'open' });
  });

  test.each([
    [undefined, 5],
    [1, 4],
    [4, 1],
    [5, 0],
    [99, 0],
  ])('of %p wrong codes has %i left', (wrong, left) => {
    expect(attemptsLeft(wrong === undefined ? undefined : { wrong, at: AT }, AT)).toBe(left);
  });
});
