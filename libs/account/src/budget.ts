import { DEFAULT_POLICY, type Policy } from '@countersign/contracts';

/** Wrong codes since the last accepted one, and when the last of them was (ms since 1970). */
export interface Bucket {
  wrong: number;
  at: number;
  /** the last minute in which a refusal was written down: at most one event per minute */
  noted?: number;
  /** wrong codes that acceptances cleared: they count for 30 days from `since`, so that sign-ins buy few new guesses */
  cleared?: { wrong: number; since: number };
}

/** How long cleared wrong codes count, ms. */
export const CLEARED_MS = 30 * 24 * 3600 * 1000;

/** How long nobody is answered after `wrong` consecutive wrong codes. */
export function delayMs(wrong: number, policy: Policy = DEFAULT_POLICY): number {
  if (wrong < policy.freeAttempts) return 0;
  return Math.min(policy.firstDelayMs * 2 ** (wrong - policy.freeAttempts), policy.longestDelayMs);
}

export type Closure = { kind: 'open' } | { kind: 'wait'; untilMs: number } | { kind: 'operator' };

/** Whether a bucket answers at `now`. One without a delay is open, though another replica's clock wrote a later `at`. */
export function closure(bucket: Bucket | undefined, now: number, policy: Policy = DEFAULT_POLICY): Closure {
  if (bucket === undefined) return { kind: 'open' };
  if (bucket.wrong >= policy.operatorAfter) return { kind: 'operator' };
  const delay = delayMs(bucket.wrong, policy);
  const afterDelay = delay > 0 ? bucket.at + delay : now;
  const untilMs = Math.max(afterDelay, slowUntilMs(bucket, now, policy));
  return untilMs > now ? { kind: 'wait', untilMs } : { kind: 'open' };
}

export function attemptsLeft(bucket: Bucket | undefined, now: number, policy: Policy = DEFAULT_POLICY): number {
  const wrong = bucket?.wrong ?? 0;
  const soon = policy.freeAttempts - wrong;
  const slowly = policy.wrongPer30Days - wrong - (bucket && living(bucket, now) ? bucket.cleared.wrong : 0);
  return Math.max(0, Math.min(soon, slowly));
}

/** What an acceptance leaves of a bucket: its wrong codes cost no waiting any more, and count until 30 days are over. */
export function clearedBy(bucket: Bucket | undefined, now: number): Bucket | undefined {
  if (bucket === undefined) return undefined;
  const { at } = bucket;
  const { wrong, since } = living(bucket, now) ? bucket.cleared : { wrong: 0, since: now };
  const all = wrong + bucket.wrong;
  return all === 0 ? undefined : { wrong: 0, at, cleared: { wrong: all, since } };
}

/** A bucket without what no longer counts. */
export function agedBucket({ cleared, ...bucket }: Bucket, now: number): Bucket | undefined {
  if (cleared !== undefined && living({ cleared }, now)) return { ...bucket, cleared };
  return bucket.wrong === 0 ? undefined : bucket;
}

function slowUntilMs(bucket: Bucket, now: number, { wrongPer30Days }: Policy): number {
  const { wrong, since } = living(bucket, now) ? bucket.cleared : { wrong: 0, since: bucket.at };
  return wrong + bucket.wrong >= wrongPer30Days ? since + CLEARED_MS : now;
}

function living<T extends Pick<Bucket, 'cleared'>>(bucket: T, now: number): bucket is T & Required<Pick<T, 'cleared'>> {
  return bucket.cleared !== undefined && now - bucket.cleared.since < CLEARED_MS;
}
