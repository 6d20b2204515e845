import type { DeviceId, Verdict } from '@countersign/contracts';
import type { Attempt, Decision, Standing } from './attempt.js';
import { attemptsLeft, closure, type Bucket, type Closure } from './budget.js';
import type { DeviceMatch } from './event.js';
import { rememberOrigin, rememberVerdict, type BucketName } from './memory.js';
import { aged, minuteOf, type AccountState, type DeviceState, type RecentVerdict } from './state.js';

/** One attempt being judged. */
export interface Case {
  standing: Standing;
  attempt: Attempt;
  /** the budget that pays */
  bucket: BucketName;
  /** ms since 1970 */
  now: number;
}

/** A refusal that nothing changes: no code was looked at. */
export function refused(reason: 'frozen' | 'disabled', { standing, now }: Case): Decision {
  return { kind: 'answer', verdict: { verdict: 'rejected', reason, sequence: standing.sequence, at: now } };
}

/** The budget is closed (I2: no code was looked at). Written down once a minute. */
export function locked({ standing, attempt, bucket: name, now }: Case, bucket: Bucket, closed: Closure): Decision {
  const verdict = { verdict: 'rejected', reason: 'locked', attemptsLeft: 0, ...wait(closed, now), at: now } as const;
  const minute = minuteOf(now);
  if (bucket.noted !== undefined && bucket.noted >= minute)
    return { kind: 'answer', verdict: { ...verdict, sequence: standing.sequence } };
  const state = after(standing, now);
  state[name] = { ...bucket, noted: minute };
  return {
    kind: 'append',
    event: { type: 'refused', reason: 'locked', ...judged(attempt), at: now, by: attempt.by, state },
    answer: (sequence) => ({ ...verdict, sequence }),
  };
}

/** A rejection is answered again as it was; nothing new was guessed. */
export function rejectedAgain({ standing, bucket: name, now }: Case, earlier: RecentVerdict): Decision {
  const bucket = standing.state[name];
  const verdict: Verdict = {
    verdict: 'rejected',
    reason: earlier.reason ?? 'wrong_code',
    ...(earlier.device !== undefined && { device: earlier.device }),
    attemptsLeft: attemptsLeft(bucket),
    ...wait(closure(bucket, now), now),
    sequence: earlier.sequence ?? standing.sequence,
    at: earlier.at,
    repeated: true,
  };
  return { kind: 'answer', verdict };
}

/** An acceptance is answered again only after an append, so that a revocation it did not see makes it conflict (I4). */
export function acceptedAgain({ standing, attempt, now }: Case, device: DeviceId, earlier: RecentVerdict): Decision {
  const of = earlier.sequence ?? standing.sequence;
  const state = after(standing, now);
  const verdict: Verdict = { verdict: 'accepted', device, sequence: of, at: earlier.at, repeated: true };
  return {
    kind: 'append',
    event: { type: 'repeated', device, of, ...judged(attempt), at: now, by: attempt.by, state },
    answer: () => verdict,
  };
}

/** The counter is spent (I1), and the budget that paid starts anew. */
export function accepted(
  { standing, attempt, bucket, now }: Case,
  shown: DeviceMatch,
  matches: DeviceMatch[],
): Decision {
  const state = after(standing, now);
  spend(state, shown);
  delete state[bucket];
  rememberOrigin(state, attempt, now);
  rememberVerdict(state, attempt, { at: now, device: shown.device });
  return {
    kind: 'append',
    event: { type: 'accepted', ...decided(shown, matches), ...judged(attempt), at: now, by: attempt.by, state },
    answer: (sequence) => ({ verdict: 'accepted', device: shown.device, sequence, at: now }),
  };
}

/** The first code of a pending device. It clears no budget and makes no origin known: enrolling must not buy guesses. */
export function confirmed({ standing, attempt, now }: Case, shown: DeviceMatch, matches: DeviceMatch[]): Decision {
  const state = after(standing, now);
  const device = spend(state, shown);
  device.status = 'active';
  delete device.expiresAt;
  rememberVerdict(state, attempt, { at: now, device: shown.device });
  return {
    kind: 'append',
    event: { type: 'confirmed', ...decided(shown, matches), ...judged(attempt), at: now, by: attempt.by, state },
    answer: (sequence) => ({ verdict: 'accepted', device: shown.device, sequence, at: now }),
  };
}

/** A code that was accepted before: not a guess, so it costs no budget; written down once per counter and minute. */
export function replayed(
  { standing, attempt, bucket, now }: Case,
  shown: DeviceMatch,
  matches: DeviceMatch[],
): Decision {
  const verdict = {
    verdict: 'rejected',
    reason: 'replayed',
    device: shown.device,
    attemptsLeft: attemptsLeft(standing.state[bucket]),
    at: now,
  } as const;
  const minute = minuteOf(now);
  const { replay } = deviceIn(standing.state, shown.device);
  const noted = replay !== undefined && replay.minute >= minute ? replay : { minute, counters: [] };
  if (noted.counters.includes(shown.counter))
    return { kind: 'answer', verdict: { ...verdict, sequence: standing.sequence } };
  const state = after(standing, now);
  deviceIn(state, shown.device).replay = { ...noted, counters: [...noted.counters, shown.counter] };
  rememberVerdict(state, attempt, { at: now, reason: 'replayed', device: shown.device });
  return {
    kind: 'append',
    event: { type: 'replayed', ...decided(shown, matches), ...judged(attempt), at: now, by: attempt.by, state },
    answer: (sequence) => ({ ...verdict, sequence }),
  };
}

/** A wrong guess is counted before anybody hears of it (I2). */
export function wrong({ standing, attempt, bucket: name, now }: Case): Decision {
  const state = after(standing, now);
  const earlier = standing.state[name];
  const bucket: Bucket = { wrong: (earlier?.wrong ?? 0) + 1, at: Math.max(now, earlier?.at ?? 0) };
  state[name] = bucket;
  rememberVerdict(state, attempt, { at: now, reason: 'wrong_code' });
  const verdict = {
    verdict: 'rejected',
    reason: 'wrong_code',
    attemptsLeft: attemptsLeft(bucket),
    ...wait(closure(bucket, now), now),
    at: now,
  } as const;
  return {
    kind: 'append',
    event: { type: 'rejected', reason: 'wrong_code', ...judged(attempt), at: now, by: attempt.by, state },
    answer: (sequence) => ({ ...verdict, sequence }),
  };
}

const after = ({ state, sequence }: Standing, now: number): AccountState => aged(state, sequence, now);

const wait = (closed: Closure, now: number): { retryAfterMs?: number } =>
  closed.kind === 'wait' ? { retryAfterMs: closed.untilMs - now } : {};

function deviceIn(state: AccountState, id: DeviceId): DeviceState {
  const device = state.devices.find((each) => each.id === id);
  if (device === undefined) throw new Error(`no device ${id} in the state`);
  return device;
}

function spend(state: AccountState, { device: id, counter }: DeviceMatch): DeviceState {
  const device = deviceIn(state, id);
  device.floor = counter + 1;
  delete device.replay;
  return device;
}

/** What judge was given, for whoever folds history again. */
function judged(attempt: Attempt) {
  return {
    verb: attempt.verb,
    ...(attempt.origin !== undefined && { origin: attempt.origin }),
    ...(attempt.device !== undefined && { named: attempt.device }),
    ...(attempt.request !== undefined && { request: attempt.request }),
  };
}

function decided({ device, counter, receipt }: DeviceMatch, matches: DeviceMatch[]) {
  const others = matches.filter((match) => match.device !== device);
  return { device, counter, receipt, ...(others.length > 0 && { others }) };
}
