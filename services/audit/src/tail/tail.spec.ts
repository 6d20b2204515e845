import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Failure } from '@countersign/contracts';
import { Tail } from './tail.js';

describe('waiting for the ledger to grow', () => {
  let end: number | Failure;
  let questions: number;
  let tail: Tail;
  beforeEach(() => {
    jest.useFakeTimers();
    end = 5;
    questions = 0;
    tail = new Tail(
      {
        lastSequence: () => {
          questions += 1;
          return end instanceof Failure ? Promise.reject(end) : Promise.resolve(end);
        },
      },
      2,
    );
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('ends when it has grown', async () => {
    const grown = tail.grownBeyond(5, 5000);
    await jest.advanceTimersByTimeAsync(1000);
    end = 6;
    await jest.advanceTimersByTimeAsync(150);
    expect(await grown).toBe(6);
  });

  test('ends when the time is over, and then asks no more', async () => {
    const grown = tail.grownBeyond(5, 350);
    await jest.advanceTimersByTimeAsync(400);
    expect(await grown).toBeUndefined();
    const asked = questions;
    await jest.advanceTimersByTimeAsync(5000);
    expect(questions).toBeLessThanOrEqual(asked + 1);
  });

  test('many who wait are one question', async () => {
    const all = Promise.all(Array.from({ length: 100 }, () => tail.grownBeyond(5, 1050)));
    await jest.advanceTimersByTimeAsync(1100);
    await all;
    expect(questions).toBeLessThanOrEqual(11);
  });

  test('a ledger that does not answer for a while is waited for', async () => {
    end = new Failure('UNAVAILABLE');
    const grown = tail.grownBeyond(5, 5000);
    await jest.advanceTimersByTimeAsync(1000);
    end = 9;
    await jest.advanceTimersByTimeAsync(150);
    expect(await grown).toBe(9);
  });

  test('only so many may wait, also of those who come at once and have not begun to', () => {
    const [leave] = [tail.enter(), tail.enter()];
    const full = expect.objectContaining({ code: 'UNAVAILABLE', retryAfterMs: 1000 });
    expect(() => tail.enter()).toThrow(full);
    leave();
    tail.enter();
    expect(() => tail.enter()).toThrow(full);
  });

  test('closing sends everybody home', async () => {
    const grown = tail.grownBeyond(5, 60_000);
    tail.close();
    expect(await grown).toBeUndefined();
    expect(await tail.grownBeyond(0, 60_000)).toBeUndefined();
  });
});
