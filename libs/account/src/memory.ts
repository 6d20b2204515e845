import type { DeviceId, Policy } from '@countersign/contracts';
import type { Asking } from './attempt.js';
import { DAY_MS, MAX_RECENT, RECENT_MS, type AccountState, type RecentVerdict, type SeenOrigin } from './state.js';

/** What an account remembers of earlier attempts: where accepted codes came from, and its last verdicts. */

export type BucketName = 'known' | 'unknown';

/** The budget that pays for an attempt: an origin that was accepted lately has one of its own. */
export function bucketOf(state: AccountState, attempt: Asking, now: number, policy: Policy): BucketName {
  const latest = state.origins?.slice(-policy.origins) ?? [];
  const seen = latest.some(({ origin, at }) => origin === attempt.origin && now - at < policy.originDays * DAY_MS);
  return seen ? 'known' : 'unknown';
}

/**
 * The verdict that this very question got within the last minute. A confirmation's verdict is none for `verify` (its
 * code is spent, and opens nothing), nor is one device's acceptance an answer about another.
 */
export function earlierVerdict(state: AccountState, attempt: Asking, now: number): RecentVerdict | undefined {
  if (attempt.request === undefined) return undefined;
  const earlier = state.recent?.find(({ request, at }) => request === attempt.request && now - at < RECENT_MS);
  if (earlier === undefined || (earlier.verb ?? 'verify') !== attempt.verb) return undefined;
  const another = attempt.device !== undefined && earlier.device !== undefined && attempt.device !== earlier.device;
  return another ? undefined : earlier;
}

export function rememberVerdict(
  state: AccountState,
  attempt: Asking,
  verdict: Omit<RecentVerdict, 'request' | 'verb'>,
): void {
  if (attempt.request === undefined) return;
  const others = (state.recent ?? []).filter(({ request }) => request !== attempt.request);
  const entry: RecentVerdict = { request: attempt.request, ...verdict };
  if (attempt.verb !== 'verify') entry.verb = attempt.verb;
  state.recent = [...others, entry].slice(-MAX_RECENT);
}

export function rememberOrigin(
  state: AccountState,
  attempt: Asking,
  device: DeviceId,
  at: number,
  policy: Policy,
): void {
  const { origin } = attempt;
  if (origin === undefined) return;
  const seen: SeenOrigin = { origin, at };
  if (state.devices.length > 1) seen.device = device;
  const others = (state.origins ?? []).filter((each) => each.origin !== origin);
  state.origins = [...others, seen].slice(-policy.origins);
}
