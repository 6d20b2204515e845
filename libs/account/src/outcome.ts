import type { ClosedBudget, DeviceId, Verdict } from '@countersign/contracts';
import type { Asking, Outcome, Standing } from './attempt.js';
import { attemptsLeft, clearedBy, closure, type Bucket, type Closure } from './budget.js';
import type { DeviceMatch } from './event.js';
import { replace } from './change.js';
import { rememberOrigin, rememberVerdict, type BucketName } from './memory.js';
import { withSpent } from './codes.js';
import type { Rules } from './rules.js';
import { withNextKey } from './eligible.js';
import { passedOver, signOfAcceptance, signOfReplay, suspected } from './suspicion.js';
import { aged, minuteOf, type AccountState, type DeviceState, type RecentVerdict } from './state.js';

/** One attempt being judged. */
export interface Case {
  standing: Standing;
  attempt: Asking;
  /** the budget that pays */
  bucket: BucketName;
  /** ms since 1970 */
  now: number;
  rules: Rules;
}

/** What an accepted code changes of its device. */
export interface Moved {
  /** the lowest counter that may be accepted after it */
  floor: number;
  /** steps that its clock is ahead */
  drift: number;
}

/** What is answered before any code is looked at: a frozen account, a rejection that was told before, a closed budget (I2). */
export function decidedBeforehand(that: Case, earlier: RecentVerdict | undefined): Outcome | undefined {
  const { standing, bucket: name, now, rules } = that;
  if (standing.state.frozen) return refused('frozen', that);
  if (earlier?.reason !== undefined) return rejectedAgain(that, earlier);
  const bucket = standing.state[name];
  const closed = closure(bucket, now, rules.policy);
  return bucket !== undefined && closed.kind !== 'open' ? locked(that, bucket, closed) : undefined;
}

/** A refusal that nothing changes: no code was looked at. */
export function refused(reason: 'frozen' | 'disabled', { standing, now }: Case): Outcome {
  return { kind: 'answer', verdict: { verdict: 'rejected', reason, sequence: standing.sequence, at: now } };
}

/** The budget is closed (I2: no code was looked at). Written down once a minute. */
function locked(that: Case, bucket: Bucket, closed: Closure): Outcome {
  const { standing, attempt, bucket: name, now } = that;
  const verdict = { verdict: 'rejected', reason: 'locked', attemptsLeft: 0, ...wait(closed, now), at: now } as const;
  const minute = minuteOf(now);
  if (bucket.noted !== undefined && bucket.noted >= minute)
    return { kind: 'answer', verdict: { ...verdict, sequence: standing.sequence } };
  const state = after(that);
  state[name] = { ...bucket, noted: minute };
  return {
    kind: 'append',
    event: { type: 'refused', reason: 'locked', ...judged(that), at: now, by: attempt.by, state },
    answer: (sequence) => ({ ...verdict, sequence }),
  };
}

/** A rejection is answered again as it was; nothing new was guessed. */
function rejectedAgain({ standing, bucket: name, now, rules }: Case, earlier: RecentVerdict): Outcome {
  const { policy } = rules;
  const bucket = standing.state[name];
  const verdict: Verdict = {
    verdict: 'rejected',
    reason: earlier.reason ?? 'wrong_code',
    ...(earlier.device !== undefined && { device: earlier.device }),
    attemptsLeft: attemptsLeft(bucket, now, policy),
    ...wait(closure(bucket, now, policy), now),
    sequence: earlier.sequence ?? standing.sequence,
    at: earlier.at,
    repeated: true,
  };
  return { kind: 'answer', verdict };
}

/** An acceptance is answered again only after an append, so that a revocation it did not see makes it conflict (I4). */
export function acceptedAgain(that: Case, device: DeviceId, earlier: RecentVerdict): Outcome {
  const { standing, attempt, now } = that;
  const of = earlier.sequence ?? standing.sequence;
  const state = after(that);
  const verdict: Verdict = { verdict: 'accepted', device, sequence: of, at: earlier.at, repeated: true };
  return {
    kind: 'append',
    event: { type: 'repeated', device, of, ...judged(that), at: now, by: attempt.by, state },
    answer: () => verdict,
  };
}

/** The counter is spent (I1), and the budget that paid costs no waiting any more. */
export function accepted(that: Case, shown: DeviceMatch, matches: DeviceMatch[], moved: Moved): Outcome {
  const { attempt, bucket, now, rules } = that;
  const state = after(that);
  const sign = signOfAcceptance(state, attempt, shown.device, now);
  const device = spend(state, shown, moved);
  const activated = device.status === 'pending' && { activated: true as const, ...activate(state, device) };
  const suspicion = suspected(sign, device, rules.policy);
  const left = clearedBy(state[bucket], now);
  if (left === undefined) delete state[bucket];
  else state[bucket] = left;
  rememberOrigin(state, attempt, shown.device, now, rules.policy);
  rememberVerdict(state, attempt, { at: now, device: shown.device });
  return {
    kind: 'append',
    event: {
      type: 'accepted',
      ...decided(shown, matches),
      ...activated,
      ...suspicion,
      ...judged(that),
      at: now,
      by: attempt.by,
      state,
    },
    answer: (sequence) => ({ verdict: 'accepted', device: shown.device, sequence, at: now }),
  };
}

/** The first code of a pending device. It clears no budget and makes no origin known: enrolling must not buy guesses. */
export function confirmed(that: Case, shown: DeviceMatch, matches: DeviceMatch[], moved: Moved): Outcome {
  const { attempt, now } = that;
  const state = after(that);
  const device = spend(state, shown, moved);
  const replaced = activate(state, device);
  rememberVerdict(state, attempt, { at: now, device: shown.device });
  return {
    kind: 'append',
    event: {
      type: 'confirmed',
      ...decided(shown, matches),
      ...replaced,
      ...judged(that),
      at: now,
      by: attempt.by,
      state,
    },
    answer: (sequence) => ({ verdict: 'accepted', device: shown.device, sequence, at: now }),
  };
}

/**
 * The first code of a device's next key: from here on only that one counts. What the key before had accepted is not
 * answered again, and like a confirmation this clears no budget and makes no origin known.
 */
export function rekeyed(that: Case, shown: DeviceMatch, matches: DeviceMatch[], moved: Moved): Outcome {
  const { attempt, now } = that;
  const state = after(that);
  const before = deviceIn(state, shown.device);
  if (before.next === undefined) throw new Error(`no re-key of device ${before.id} is under way`);
  const renewed = withNextKey(before, before.next);
  state.devices = state.devices.map((device) => (device === before ? renewed : device));
  spend(state, shown, moved);
  delete renewed.skipped;
  const recent = state.recent?.filter(({ device, reason }) => device !== shown.device || reason !== undefined);
  if (recent?.length) state.recent = recent;
  else delete state.recent;
  rememberVerdict(state, attempt, { at: now, device: shown.device });
  return {
    kind: 'append',
    event: {
      type: 'rekeyed',
      ...decided(shown, matches),
      ...judged(that),
      epoch: renewed.epoch,
      record: renewed.record,
      at: now,
      by: attempt.by,
      state,
    },
    answer: (sequence) => ({ verdict: 'accepted', device: shown.device, sequence, at: now }),
  };
}

/** Both codes are spent. Like a confirmation it clears no budget and makes no origin known: it opens nothing. */
export function resynced(that: Case, shown: DeviceMatch, matches: DeviceMatch[], moved: Moved): Outcome {
  const { attempt, now } = that;
  const state = after(that);
  spend(state, shown, moved, shown.counter - 1);
  rememberVerdict(state, attempt, { at: now, device: shown.device });
  return {
    kind: 'append',
    event: { type: 'resynced', ...decided(shown, matches), ...judged(that), at: now, by: attempt.by, state },
    answer: (sequence) => ({ verdict: 'accepted', device: shown.device, sequence, at: now }),
  };
}

/** One code of the recovery sheet is spent. */
export const recovered = oneOfSheet('recovered');
/** One code of a sheet for somebody offline is. */
export const sheetUsed = oneOfSheet('sheet_used');

/**
 * One code of a sheet is spent. It clears no budget and makes no origin known: nobody shall buy guesses with
 * it, and who shows it is where the owner was never seen.
 */
function oneOfSheet(type: 'recovered' | 'sheet_used') {
  return (that: Case, shown: DeviceMatch, matches: DeviceMatch[]): Outcome => {
    const { attempt, now } = that;
    const state = after(that);
    const sheet = deviceIn(state, shown.device);
    sheet.spent = withSpent(sheet, shown.counter);
    delete sheet.replay;
    forgetAhead(state);
    rememberVerdict(state, attempt, { at: now, device: shown.device });
    return {
      kind: 'append',
      event: { type, ...decided(shown, matches), ...judged(that), at: now, by: attempt.by, state },
      answer: (sequence) => ({ verdict: 'accepted', device: shown.device, sequence, at: now }),
    };
  };
}

/** A code that was accepted before, or passed over: not a guess, so it costs no budget; written down once per counter and minute. */
export function replayed(that: Case, shown: DeviceMatch, matches: DeviceMatch[]): Outcome {
  const { standing, attempt, bucket, now, rules } = that;
  const verdict = {
    verdict: 'rejected',
    reason: 'replayed',
    device: shown.device,
    attemptsLeft: attemptsLeft(standing.state[bucket], now, rules.policy),
    at: now,
  } as const;
  const minute = minuteOf(now);
  const { replay } = deviceIn(standing.state, shown.device);
  const noted = replay !== undefined && replay.minute >= minute ? replay : { minute, counters: [] };
  if (noted.counters.includes(shown.counter))
    return { kind: 'answer', verdict: { ...verdict, sequence: standing.sequence } };
  const state = after(that);
  const device = deviceIn(state, shown.device);
  const suspicion = suspected(signOfReplay(device, shown), device, rules.policy);
  if (suspicion.suspicion) device.skipped = device.skipped?.filter((counter) => counter !== shown.counter) ?? [];
  device.replay = { ...noted, counters: [...noted.counters, shown.counter] };
  rememberVerdict(state, attempt, { at: now, reason: 'replayed', device: shown.device });
  return {
    kind: 'append',
    event: {
      type: 'replayed',
      ...decided(shown, matches),
      ...suspicion,
      ...judged(that),
      at: now,
      by: attempt.by,
      state,
    },
    answer: (sequence) => ({ ...verdict, sequence }),
  };
}

/**
 * A wrong guess is counted before anybody hears of it (I2). So is one that lies ahead, and looks the same; the state keeps
 * its counter until the next code.
 */
export function wrong(that: Case, ahead?: DeviceMatch): Outcome {
  const { attempt, now } = that;
  const state = after(that);
  const { verdict, closed } = pay(state, that);
  forgetAhead(state);
  if (ahead !== undefined) deviceIn(state, ahead.device).ahead = ahead.counter;
  rememberVerdict(state, attempt, { at: now, reason: 'wrong_code' });
  return {
    kind: 'append',
    event: {
      type: 'rejected',
      reason: 'wrong_code',
      ...closed,
      ...(ahead !== undefined && { ahead }),
      ...judged(that),
      at: now,
      by: attempt.by,
      state,
    },
    answer: (sequence) => ({ ...verdict, sequence }),
  };
}

/** Counts a wrong code in the budget that pays for it; what the verdict and the event say of that. */
export function pay(state: AccountState, { bucket: name, now, rules }: Case) {
  const { noted: _noted, ...earlier } = state[name] ?? { wrong: 0, at: 0 };
  const bucket: Bucket = { ...earlier, wrong: earlier.wrong + 1, at: Math.max(now, earlier.at) };
  state[name] = bucket;
  const closed = closure(bucket, now, rules.policy);
  const verdict = {
    verdict: 'rejected',
    reason: 'wrong_code',
    attemptsLeft: attemptsLeft(bucket, now, rules.policy),
    ...wait(closed, now),
    at: now,
  } as const;
  return { verdict, closed: closedBy(name, closed) };
}

export const after = ({ standing: { state, sequence }, now, rules }: Case): AccountState =>
  aged(state, sequence, now, rules.policy.originDays);

const wait = (closed: Closure, now: number): { retryAfterMs?: number } =>
  closed.kind === 'wait' ? { retryAfterMs: closed.untilMs - now } : {};

const closedBy = (budget: BucketName, closed: Closure): { closed?: ClosedBudget } =>
  closed.kind === 'open' ? {} : { closed: { budget, until: closed.kind === 'wait' ? closed.untilMs : 'operator' } };

function deviceIn(state: AccountState, id: DeviceId): DeviceState {
  const device = state.devices.find((each) => each.id === id);
  if (device === undefined) throw new Error(`no device ${id} in the state`);
  return device;
}

/** Its first code was accepted: it takes the place of the device that it replaces. */
function activate(state: AccountState, device: DeviceState): { replaced?: DeviceId } {
  device.status = 'active';
  delete device.expiresAt;
  delete device.firstUse;
  delete device.skipped; // whoever tries a new token presses its button more than once
  return replace(state, device);
}

/** Only the very next code may follow one that was ahead. */
function forgetAhead({ devices }: AccountState): void {
  for (const device of devices) delete device.ahead;
}

function spend(
  state: AccountState,
  { device: id, counter }: DeviceMatch,
  { drift, floor }: Moved,
  first = counter,
): DeviceState {
  const device = deviceIn(state, id);
  const skipped = passedOver(device, first, counter);
  if (skipped.length > 0) device.skipped = skipped;
  else delete device.skipped;
  device.floor = floor;
  delete device.replay;
  forgetAhead(state);
  if (drift === 0) delete device.drift;
  else device.drift = drift;
  return device;
}

/** What judge was given, for whoever folds history again. */
export function judged({ attempt, rules }: Case) {
  return {
    verb: attempt.verb,
    ...(attempt.origin !== undefined && { origin: attempt.origin }),
    ...(attempt.device !== undefined && { named: attempt.device }),
    ...(attempt.epoch !== undefined && { epoch: attempt.epoch }),
    ...(attempt.request !== undefined && { request: attempt.request }),
    ...(rules.version > 0 && { policyVersion: rules.version }),
  };
}

function decided({ device, counter, receipt }: DeviceMatch, matches: DeviceMatch[]) {
  const others = matches.filter((match) => match.device !== device);
  return { device, counter, receipt, ...(others.length > 0 && { others }) };
}
