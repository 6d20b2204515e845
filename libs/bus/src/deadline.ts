import { Failure } from '@countersign/contracts';

/**
 * How long the caller waits, in milliseconds from when the message is sent: a whole number, at most 7 digits.
 *
 * Relative, so that clocks need not agree. What it leaves out is the way and the time a message waits before it is
 * read; a service takes a bounded number of requests at once and refuses the rest without queueing, so that is short.
 */
export const TIMEOUT_HEADER = 'Countersign-Timeout-Ms';

export type Monotonic = () => number;
/** Milliseconds that only grow; no relation to the date. */
export const monotonicMs: Monotonic = () => performance.now();

/** Until when somebody waits for the answer. */
export class Deadline {
  private readonly endMs: number;

  constructor(
    timeoutMs: number,
    private readonly nowMs: Monotonic = monotonicMs,
    arrivedMs: number = nowMs(),
  ) {
    this.endMs = arrivedMs + timeoutMs;
  }

  /** Never negative. */
  remainingMs(): number {
    return Math.max(0, this.endMs - this.nowMs());
  }

  get expired(): boolean {
    return this.nowMs() >= this.endMs;
  }

  /** Throws UNAVAILABLE when nobody waits any more. Call it before work whose result only the caller needs. */
  check(): void {
    if (this.expired) throw new Failure('UNAVAILABLE', 'the time the caller gave has passed; nothing was decided');
  }
}

/** The header's value in ms, undefined when it is absent or not as described. */
export function timeoutFrom(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,7}$/.test(text) ? Number(text) : undefined;
}
