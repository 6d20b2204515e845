/** Wrong codes since the last accepted one, and when the last of them was (ms since 1970). */
export interface Bucket {
  wrong: number;
  at: number;
  /** the last minute in which a refusal was written down: at most one event per minute */
  noted?: number;
}

export const FREE_ATTEMPTS = 5; // a person's typing errors; the sixth guess waits
export const OPERATOR_AFTER = 100; // consecutive wrong codes after which waiting does not help
const FIRST_DELAY_MS = 30_000;
const LONGEST_DELAY_MS = 3_600_000;

/** How long nobody is answered after `wrong` consecutive wrong codes. */
export function delayMs(wrong: number): number {
  if (wrong < FREE_ATTEMPTS) return 0;
  return Math.min(FIRST_DELAY_MS * 2 ** (wrong - FREE_ATTEMPTS), LONGEST_DELAY_MS);
}

export type Closure = { kind: 'open' } | { kind: 'wait'; untilMs: number } | { kind: 'operator' };

/** Whether a bucket answers at `now`. One without a delay is open, though another replica's clock wrote a later `at`. */
export function closure(bucket: Bucket | undefined, now: number): Closure {
  if (bucket === undefined) return { kind: 'open' };
  if (bucket.wrong >= OPERATOR_AFTER) return { kind: 'operator' };
  const delay = delayMs(bucket.wrong);
  const untilMs = bucket.at + delay;
  return delay > 0 && untilMs > now ? { kind: 'wait', untilMs } : { kind: 'open' };
}

export const attemptsLeft = (bucket: Bucket | undefined): number => Math.max(0, FREE_ATTEMPTS - (bucket?.wrong ?? 0));
