import { describe, expect, test } from '@jest/globals';
import { Failure, type FailureCode } from '@countersign/contracts';
import { withRetry } from './retry.js';

/** Time that passes only by sleeping. */
class Bench {
  now = 0;
  attempts: number[] = [];
  readonly random = { bytes: () => Buffer.from([128]) }; // about the middle of the jitter
  readonly nowMs = (): number => this.now;
  readonly sleep = (ms: number): Promise<void> => {
    this.now += ms;
    return Promise.resolve();
  };

  run(outcomes: (Failure | Error | string)[], timeoutMs = 5000): Promise<string> {
    return withRetry(timeoutMs, this, (ms) => {
      this.attempts.push(ms);
      const outcome = outcomes[Math.min(this.attempts.length, outcomes.length) - 1] as Failure | Error | string;
      return typeof outcome === 'string' ? Promise.resolve(outcome) : Promise.reject(outcome);
    });
  }
}

describe('asking again', () => {
  const again: FailureCode[] = ['UNAVAILABLE', 'BUSY', 'OUTCOME_UNKNOWN'];
  test.each(again)('%s is tried again', async (code) => {
    const bench = new Bench();
    expect(await bench.run([new Failure(code), new Failure(code), 'done'])).toBe('done');
    expect(bench.attempts).toHaveLength(3);
  });

  const final: FailureCode[] = [
    'INVALID_ARGUMENT',
    'FORBIDDEN',
    'NOT_FOUND',
    'CONFLICT',
    'LIMIT',
    'INTERNAL',
    'ROLLBACK',
  ];
  test.each(final)('%s is final', async (code) => {
    const bench = new Bench();
    await expect(bench.run([new Failure(code), 'done'])).rejects.toMatchObject({ code });
    expect(bench.attempts).toHaveLength(1);
  });

  test('a defect is final', async () => {
    await expect(new Bench().run([new TypeError('x'), 'done'])).rejects.toThrow(TypeError);
  });

  test('no sooner than the failure says', async () => {
    const bench = new Bench();
    await bench.run([new Failure('BUSY', undefined, { retryAfterMs: 700 }), 'done']);
    expect(bench.now).toBe(700);
  });

  test('the last failure is thrown when the time is over, without waiting in vain', async () => {
    const bench = new Bench();
    await expect(bench.run([new Failure('UNAVAILABLE', 'still')], 300)).rejects.toThrow('still');
    expect(bench.now).toBeLessThanOrEqual(300);
    expect(bench.attempts.length).toBeGreaterThan(2);
    const late = new Bench();
    await expect(late.run([new Failure('BUSY', 'later', { retryAfterMs: 60_000 })])).rejects.toThrow('later');
    expect(late.now).toBe(0);
  });

  test('one attempt leaves time for another', async () => {
    const bench = new Bench();
    await bench.run(['done'], 2000);
    expect(bench.attempts).toEqual([1000]);
    const long = new Bench();
    await long.run(['done'], 60_000);
    expect(long.attempts).toEqual([1500]);
  });
});
