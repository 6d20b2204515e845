import { describe, expect, test } from '@jest/globals';
import { MAX_MISSES, Misses, WINDOW_MS } from './misses.js';
import type { Admission } from './misses.js';

const start = 1_700_000_000_000;

function setUp(maxDevices: number, whenFull: 'refuse' | 'forget-oldest' = 'refuse') {
  const clock = { ms: start, now: () => clock.ms };
  return { clock, misses: new Misses(clock, maxDevices, whenFull) };
}

const miss = (misses: Misses, device: string, times = 1): Admission[] =>
  Array.from({ length: times }, () => misses.admit(device));

describe('misses of a device', () => {
  test('thirty in a minute are evaluated, the next is told when to come again', () => {
    const { clock, misses } = setUp(10);
    for (let at = 0; at < MAX_MISSES; at++) {
      clock.ms = start + at * 1000;
      expect(misses.admit('a').kind).toBe('admitted');
    }
    clock.ms = start + 40_000;
    expect(misses.admit('a')).toEqual({ kind: 'refused', retryAfterMs: 20_000 });
    clock.ms = start + WINDOW_MS;
    expect(misses.admit('a').kind).toBe('admitted');
    expect(misses.admit('a')).toEqual({ kind: 'refused', retryAfterMs: 1000 }); // the window slides, it does not start anew
  });

  test('what was forgiven does not count, and other devices count for themselves', () => {
    const { misses } = setUp(10);
    for (let at = 0; at < 100; at++) {
      const admission = misses.admit('a');
      if (admission.kind === 'admitted') admission.forgive();
    }
    miss(misses, 'a', MAX_MISSES);
    expect(misses.admit('a').kind).toBe('refused');
    expect(misses.admit('b').kind).toBe('admitted');
  });

  test('guesses under way count: more than the cap at once do not pass', () => {
    const { misses } = setUp(10);
    const kinds = miss(misses, 'a', 100).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'admitted').length).toBe(MAX_MISSES);
  });

  test('a full table refuses a new device, until the minute has passed', () => {
    const { clock, misses } = setUp(3);
    for (const device of ['a', 'b', 'c']) miss(misses, device, MAX_MISSES);
    expect(misses.admit('d').kind).toBe('refused');
    expect(misses.admit('a').kind).toBe('refused'); // nobody's count was given up for it
    clock.ms += WINDOW_MS;
    expect(misses.admit('d').kind).toBe('admitted');
  });

  test('a full table of nobodies forgets the oldest instead', () => {
    const { misses } = setUp(2, 'forget-oldest');
    for (const device of ['a', 'b', 'c']) expect(misses.admit(device).kind).toBe('admitted');
    miss(misses, 'c', MAX_MISSES - 1);
    expect(misses.admit('c').kind).toBe('refused');
  });
});
