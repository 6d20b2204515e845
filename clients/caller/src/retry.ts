import { Failure, Failures } from '@countersign/contracts';
import type { Random } from '@countersign/runtime';

const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1000;
/** No attempt waits longer while another one would still fit: whoever had the request may be gone. */
const LONGEST_ATTEMPT_MS = 1500;

export interface RetryParts {
  random: Random;
  /** monotonic, ms */
  nowMs: () => number;
  sleep: (ms: number) => Promise<void>;
}

/**
 * Runs `attempt` until it succeeds, fails for good, or `timeoutMs` have passed. Only failures marked `retry` are tried
 * again (UNAVAILABLE, BUSY, OUTCOME_UNKNOWN), no sooner than `retryAfterMs` where the failure says so. Throws the last
 * failure.
 */
export async function withRetry<T>(
  timeoutMs: number,
  { random, nowMs, sleep }: RetryParts,
  attempt: (timeoutMs: number) => Promise<T>,
): Promise<T> {
  const endMs = nowMs() + timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await attempt(attemptMs(endMs - nowMs()));
    } catch (error) {
      if (!(error instanceof Failure) || !Failures[error.code].retry) throw error;
      const waitMs = Math.max(error.retryAfterMs ?? 0, jittered(pauseMs, random));
      if (nowMs() + waitMs >= endMs) throw error;
      await sleep(waitMs);
    }
  }
}

/** Half of what is left, so that a second attempt fits, but neither tiny nor longer than an attempt should last. */
function attemptMs(leftMs: number): number {
  const half = Math.max(leftMs / 2, Math.min(leftMs, LONGEST_ATTEMPT_MS / 3));
  return Math.max(1, Math.ceil(Math.min(half, LONGEST_ATTEMPT_MS)));
}

/** 50 to 150 per cent, so that clients that failed together do not come back together. */
function jittered(pauseMs: number, random: Random): number {
  return pauseMs * (0.5 + random.bytes(1).readUInt8() / 255);
}
