import type { DeviceId, FailureCode, Profile, Verdict } from '@countersign/contracts';
import { attemptsLeft, closure, type Bucket, type Closure } from './budget.js';
import type { AccountEvent, DeviceMatch } from './event.js';
import { ORIGIN_MS, RECENT_MS, aged, type AccountState, type DeviceState, type RecentVerdict } from './state.js';
import { MAX_GUESS_WIDTH, guessWidth, windowOf, type Window } from './window.js';

/** One code that somebody typed, without the code: judge never sees it. */
export interface Attempt {
  verb: 'verify' | 'device.confirm';
  /** the caller that asks */
  by: string;
  /** digest of (caller, requestId, code); absent when the request carries no id */
  request?: string;
  /** digest of the origin that the caller states */
  origin?: string;
  /** the device that the request names */
  device?: DeviceId;
}

/** An account as it stands: the state of its last event, and that event's sequence. */
export interface Standing {
  state: AccountState;
  sequence: number;
}

/** A device to be asked about: which key (by its record), which counters. */
export interface Candidate extends Window {
  device: DeviceState;
}

export type Decision =
  /** the key service has to be asked about these first */
  | { kind: 'ask'; candidates: Candidate[] }
  /** append this after the standing's sequence; once acknowledged, answer (with the new sequence) */
  | { kind: 'append'; event: AccountEvent; answer: (sequence: number) => Verdict }
  /** nothing to append; may leave only if the standing was read from the ledger within the last second */
  | { kind: 'answer'; verdict: Verdict }
  | { kind: 'fail'; code: FailureCode; detail: string };

/** Profiles of the account's devices, by device id. */
export type Profiles = ReadonlyMap<DeviceId, Profile>;

const POLICY = 0; // the budgets and windows built in
const MINUTE_MS = 60_000;

/**
 * Decides one attempt: the whole policy, pure. Called first without `matches`; where it says `ask`, called again with
 * what the key service matched for exactly those candidates. Order matters (I2): a closed budget, a frozen or disabled
 * account answers before any code is looked at.
 */
export function judge(
  { state, sequence }: Standing,
  attempt: Attempt,
  profiles: Profiles,
  now: number,
  matches?: DeviceMatch[],
): Decision {
  if (state.frozen) return answer({ verdict: 'rejected', reason: 'frozen', sequence, at: now });

  const earlier = attempt.request === undefined ? undefined : earlierVerdict(state, attempt.request, now);
  if (earlier?.reason !== undefined) return answer(rejectedAgain(state, earlier, attempt, sequence, now));

  const bucketName = bucketOf(state, attempt, now);
  const bucket = state[bucketName];
  const closed = closure(bucket, now);
  if (bucket !== undefined && closed.kind !== 'open') return locked(state, sequence, attempt, bucketName, now);

  if (earlier !== undefined && isActive(state, earlier.device)) return acceptedAgain(state, earlier, attempt, sequence, now);

  const eligible = attempt.verb === 'verify' ? activeDevices(state, attempt) : pendingDevice(state, attempt, now);
  if ('kind' in eligible) return eligible;
  if (eligible.length === 0) return answer({ verdict: 'rejected', reason: 'disabled', sequence, at: now });

  const candidates = eligible.map((device) => ({ device, ...windowOf(device, profileOf(device, profiles), now) }));
  if (matches === undefined) return { kind: 'ask', candidates };

  const found = find(candidates, matches);
  switch (found.kind) {
    case 'acceptable':
      return accepted(state, sequence, attempt, found, matches, bucketName, now);
    case 'replayed':
      return replayed(state, sequence, attempt, found, matches, bucket, now);
    case 'none':
      return wrong(state, sequence, attempt, bucketName, now);
  }
}

function answer(verdict: Verdict): Decision {
  return { kind: 'answer', verdict };
}

type BucketName = 'known' | 'unknown';

function bucketOf(state: AccountState, attempt: Attempt, now: number): BucketName {
  const seen = state.origins?.some(({ origin, at }) => origin === attempt.origin && now - at < ORIGIN_MS);
  return seen ? 'known' : 'unknown';
}

const waitMs = (closed: Closure, now: number): { retryAfterMs?: number } =>
  closed.kind === 'wait' ? { retryAfterMs: closed.untilMs - now } : {};

function locked(state: AccountState, sequence: number, attempt: Attempt, name: BucketName, now: number): Decision {
  const bucket = state[name] as Bucket;
  const refusal = {
    verdict: 'rejected',
    reason: 'locked',
    attemptsLeft: 0,
    ...waitMs(closure(bucket, now), now),
    at: now,
  } as const;
  const minute = Math.floor(now / MINUTE_MS);
  if (bucket.noted === minute) return answer({ ...refusal, sequence });
  const next = aged(state, sequence, now);
  next[name] = { ...bucket, noted: minute };
  const event: AccountEvent = { type: 'refused', reason: 'locked', ...judged(attempt), at: now, by: attempt.by, state: next };
  return { kind: 'append', event, answer: (stored) => ({ ...refusal, sequence: stored }) };
}

function earlierVerdict(state: AccountState, request: string, now: number): RecentVerdict | undefined {
  return state.recent?.find((verdict) => verdict.request === request && now - verdict.at < RECENT_MS);
}

function rejectedAgain(
  state: AccountState,
  earlier: RecentVerdict,
  attempt: Attempt,
  sequence: number,
  now: number,
): Verdict {
  const bucket = state[bucketOf(state, attempt, now)];
  return {
    verdict: 'rejected',
    reason: earlier.reason ?? 'wrong_code',
    ...(earlier.device !== undefined && { device: earlier.device }),
    attemptsLeft: attemptsLeft(bucket),
    ...waitMs(closure(bucket, now), now),
    sequence: earlier.sequence ?? sequence,
    at: earlier.at,
    repeated: true,
  };
}

const isActive = (state: AccountState, id: DeviceId | undefined): boolean =>
  state.devices.some((device) => device.id === id && device.status === 'active');

/** An acceptance is answered again only after an append, so that a revocation it did not see makes it conflict (I4). */
function acceptedAgain(
  state: AccountState,
  earlier: RecentVerdict,
  attempt: Attempt,
  sequence: number,
  now: number,
): Decision {
  const device = earlier.device as DeviceId;
  const of = earlier.sequence ?? sequence;
  const event: AccountEvent = {
    type: 'repeated',
    device,
    of,
    ...judged(attempt),
    at: now,
    by: attempt.by,
    state: aged(state, sequence, now),
  };
  const verdict: Verdict = { verdict: 'accepted', device, sequence: of, at: earlier.at, repeated: true };
  return { kind: 'append', event, answer: () => verdict };
}

function activeDevices(state: AccountState, attempt: Attempt): DeviceState[] {
  return state.devices.filter(
    ({ id, status, namedOnly }) =>
      status === 'active' && (attempt.device === undefined ? namedOnly !== true : id === attempt.device),
  );
}

function pendingDevice(state: AccountState, attempt: Attempt, now: number): DeviceState[] | Decision {
  const device = state.devices.find(({ id }) => id === attempt.device);
  if (device === undefined) return { kind: 'fail', code: 'NOT_FOUND', detail: 'the account has no such device' };
  if (device.status !== 'pending')
    return { kind: 'fail', code: 'CONFLICT', detail: `the device is ${device.status}, not pending` };
  if ((device.expiresAt ?? 0) <= now)
    return { kind: 'fail', code: 'NOT_FOUND', detail: 'the device waited too long for its first code; enrol it again' };
  if (!fits(state, device))
    return { kind: 'fail', code: 'LIMIT', detail: `one guess could hit more than ${MAX_GUESS_WIDTH} codes; enrol it named only` };
  return [device];
}

/** Whether `device`, once active, keeps the codes that one unnamed guess could hit within bounds. */
export function fits(state: AccountState, device: Pick<DeviceState, 'id' | 'type' | 'namedOnly'>): boolean {
  if (device.namedOnly) return true;
  const width = state.devices
    .filter(({ id, status, namedOnly }) => status === 'active' && namedOnly !== true && id !== device.id)
    .reduce((sum, { type }) => sum + guessWidth(type), 0);
  return width + guessWidth(device.type) <= MAX_GUESS_WIDTH;
}

function profileOf(device: DeviceState, profiles: Profiles): Profile {
  const profile = profiles.get(device.id);
  if (profile === undefined) throw new Error(`no profile for device ${device.id}`);
  return profile;
}

type Finding =
  | { kind: 'acceptable' | 'replayed'; device: DeviceId; counter: number }
  | { kind: 'none' };

function find(candidates: Candidate[], matches: DeviceMatch[]): Finding {
  let replay: Finding = { kind: 'none' };
  for (const { device, floor, last } of candidates) {
    const match = matches.find((each) => each.device === device.id);
    if (match === undefined) continue;
    const { counter } = match;
    if (counter >= floor && counter <= last) return { kind: 'acceptable', device: device.id, counter };
    if (counter < device.floor && replay.kind === 'none') replay = { kind: 'replayed', device: device.id, counter };
  }
  return replay;
}

interface Found {
  device: DeviceId;
  counter: number;
}

function accepted(
  state: AccountState,
  sequence: number,
  attempt: Attempt,
  { device: id, counter }: Found,
  matches: DeviceMatch[],
  bucketName: BucketName,
  now: number,
): Decision {
  const next = aged(state, sequence, now);
  const device = deviceIn(next, id);
  device.floor = counter + 1;
  delete device.replay;
  const confirming = attempt.verb === 'device.confirm';
  if (confirming) {
    device.status = 'active';
    delete device.expiresAt;
  } else {
    delete next[bucketName]; // a confirmation clears nothing: enrolling must not buy guesses
    if (attempt.origin !== undefined) rememberOrigin(next, attempt.origin, now);
  }
  remember(next, attempt, { at: now, device: id });
  const event: AccountEvent = {
    type: confirming ? 'confirmed' : 'accepted',
    device: id,
    counter,
    ...judged(attempt, matches),
    at: now,
    by: attempt.by,
    state: next,
  };
  return { kind: 'append', event, answer: (stored) => ({ verdict: 'accepted', device: id, sequence: stored, at: now }) };
}

/** A code that was accepted before: not a guess, so it costs no budget; written down once per counter and minute. */
function replayed(
  state: AccountState,
  sequence: number,
  attempt: Attempt,
  { device: id, counter }: Found,
  matches: DeviceMatch[],
  bucket: Bucket | undefined,
  now: number,
): Decision {
  const minute = Math.floor(now / MINUTE_MS);
  const verdict = {
    verdict: 'rejected',
    reason: 'replayed',
    device: id,
    attemptsLeft: attemptsLeft(bucket),
    at: now,
  } as const;
  const noted = deviceIn(state, id).replay;
  if (noted?.counter === counter && noted.minute === minute) return answer({ ...verdict, sequence });
  const next = aged(state, sequence, now);
  deviceIn(next, id).replay = { counter, minute };
  remember(next, attempt, { at: now, reason: 'replayed', device: id });
  const event: AccountEvent = {
    type: 'replayed',
    device: id,
    counter,
    ...judged(attempt, matches),
    at: now,
    by: attempt.by,
    state: next,
  };
  return { kind: 'append', event, answer: (stored) => ({ ...verdict, sequence: stored }) };
}

function wrong(state: AccountState, sequence: number, attempt: Attempt, name: BucketName, now: number): Decision {
  const next = aged(state, sequence, now);
  const bucket: Bucket = { wrong: (state[name]?.wrong ?? 0) + 1, at: now };
  next[name] = bucket;
  remember(next, attempt, { at: now, reason: 'wrong_code' });
  const event: AccountEvent = {
    type: 'rejected',
    reason: 'wrong_code',
    ...judged(attempt),
    at: now,
    by: attempt.by,
    state: next,
  };
  const verdict = {
    verdict: 'rejected',
    reason: 'wrong_code',
    attemptsLeft: attemptsLeft(bucket),
    ...waitMs(closure(bucket, now), now),
    at: now,
  } as const;
  return { kind: 'append', event, answer: (stored) => ({ ...verdict, sequence: stored }) };
}

function deviceIn(state: AccountState, id: DeviceId): DeviceState {
  const device = state.devices.find((each) => each.id === id);
  if (device === undefined) throw new Error(`no device ${id} in the state`);
  return device;
}

function remember(state: AccountState, attempt: Attempt, verdict: Omit<RecentVerdict, 'request'>): void {
  if (attempt.request === undefined) return;
  const others = (state.recent ?? []).filter(({ request }) => request !== attempt.request);
  state.recent = [...others, { request: attempt.request, ...verdict }].slice(-8);
}

function rememberOrigin(state: AccountState, origin: string, at: number): void {
  const others = (state.origins ?? []).filter((each) => each.origin !== origin);
  state.origins = [...others, { origin, at }].slice(-8);
}

function judged(attempt: Attempt, matches?: DeviceMatch[]) {
  return {
    verb: attempt.verb,
    policy: POLICY,
    ...(attempt.origin !== undefined && { origin: attempt.origin }),
    ...(attempt.device !== undefined && { named: attempt.device }),
    ...(attempt.request !== undefined && { request: attempt.request }),
    ...(matches !== undefined && matches.length > 0 && { matches }),
  };
}
