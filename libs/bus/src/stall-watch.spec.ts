import { describe, expect, test } from '@jest/globals';
import { StallWatch } from './stall-watch.js';

function watched() {
  const seen = { now: 0, stalls: 0 };
  const watch = new StallWatch(
    () => seen.stalls++,
    { timeouts: 3, overMs: 1000, restMs: 5000 },
    () => seen.now,
  );
  const timeouts = (...atMs: number[]): void => {
    for (const ms of atMs) {
      seen.now = ms;
      watch.reportTimeout();
    }
  };
  return { seen, watch, timeouts };
}

describe('StallWatch', () => {
  test('three timeouts in a row over a second are a stall', () => {
    const { seen, timeouts } = watched();
    timeouts(10_000, 10_500);
    expect(seen.stalls).toBe(0);
    timeouts(11_000);
    expect(seen.stalls).toBe(1);
  });

  test('many at one moment are not: they may be one slow answer', () => {
    const { seen, timeouts } = watched();
    timeouts(...Array.from({ length: 50 }, () => 10_000));
    expect(seen.stalls).toBe(0);
  });

  test('an answer between them starts the count again', () => {
    const { seen, watch, timeouts } = watched();
    timeouts(10_000, 10_900);
    watch.reportSuccess();
    timeouts(11_000, 11_100);
    expect(seen.stalls).toBe(0);
  });

  test('a new connection is left alone for restMs', () => {
    const { seen, timeouts } = watched();
    timeouts(10_000, 10_500, 11_000, 12_000, 13_000, 14_000, 15_900);
    expect(seen.stalls).toBe(1);
    timeouts(16_000);
    expect(seen.stalls).toBe(2);
  });

  test('what was sent over an older connection does not count', () => {
    const { seen, watch } = watched();
    seen.now = 20_000;
    watch.moved();
    seen.now = 26_000;
    for (let i = 0; i < 9; i++) watch.reportTimeout(19_000);
    expect(seen.stalls).toBe(0);
  });
});
