import type { ChallengeAccepted, ChallengeRejection, ChallengeVerdict, DeviceId } from '@countersign/contracts';
import type { Asking, Candidate, Outcome, Profiles, Standing } from './attempt.js';
import { challengeIn, mayVerify, removeChallenge } from './challenge.js';
import { bucketOf, earlierVerdict, rememberVerdict } from './memory.js';
import { profileOf } from './judge.js';
import { after, decidedBeforehand, judged, pay, type Case } from './outcome.js';
import { DEFAULT_RULES, type Rules } from './rules.js';
import type { AccountState, OpenChallenge } from './state.js';
import { floorAfter, windowOf } from './window.js';

/** A challenge's code that somebody typed, without the code. */
export interface ChallengeAttempt extends Asking {
  verb: 'challenge.verify';
  /** its id */
  challenge: string;
  /** what the challenge is bound to and does not hold, as far as the caller says what holds */
  broken?: Broken | undefined;
  /** SHA-256 of the transaction that an OCRA device is to have signed, base64url */
  signed?: string;
}

export type Broken = Extract<ChallengeRejection, 'purpose' | 'transaction' | 'device' | 'network' | 'place'>;

/** What the key service says of the code. `counter`: of the OCRA device that answered. */
export type Redeemed = { kind: 'match'; receipt: string; counter?: number } | { kind: 'none' };

export type ChallengeDecision =
  /** the key service has to be asked first, and always is: whether there is such a challenge shall take no time to say */
  { kind: 'ask'; challenge: OpenChallenge | undefined; answering: Candidate | undefined } | Outcome<ChallengeVerdict>;

/**
 * Decides one code of a challenge, as `judge` decides one of a device: called without `redeemed`, and again with what the
 * key service said. A rejected one costs an attempt of its budget whatever was wrong, and the verdict says no more than that
 * unless the policy has callers told; an accepted one clears none, so that nobody buys guesses with challenges. `profiles`:
 * needed where an OCRA device answers.
 */
export function judgeChallenge(
  standing: Standing,
  attempt: ChallengeAttempt,
  profiles: Profiles,
  now: number,
  redeemed?: Redeemed,
  rules: Rules = DEFAULT_RULES,
): ChallengeDecision {
  const { state } = standing;
  const that: Case = { standing, attempt, bucket: bucketOf(state, attempt, now, rules.policy), now, rules };
  const earlier = earlierVerdict(state, attempt, now);
  const beforehand = decidedBeforehand(that, earlier);
  if (beforehand?.kind === 'answer' && beforehand.verdict.repeated)
    return {
      kind: 'answer',
      verdict: { ...beforehand.verdict, ...told(state, attempt, earlier?.why ?? 'wrong_code', that) },
    };
  if (beforehand !== undefined) return beforehand;
  if (earlier !== undefined) return acceptedAgain(standing, earlier.at, earlier.sequence);

  const challenge = challengeIn(state, attempt.challenge);
  const answering = challenge && answeringDevice(challenge, profiles, that);
  if (redeemed === undefined) return { kind: 'ask', challenge, answering };
  const reason = challenge === undefined ? 'not_open' : against(challenge, state, attempt, now);
  if (reason !== undefined || redeemed.kind === 'none') return rejected(that, attempt, reason ?? 'wrong_code');
  if (answering === undefined) return accepted(that, attempt, { receipt: redeemed.receipt });
  return answered(that, attempt, redeemed, answering, profiles);
}

/** The OCRA device whose response is the code, and where its counter or time may be. */
function answeringDevice(
  challenge: OpenChallenge,
  profiles: Profiles,
  { standing: { state }, now, rules }: Case,
): Candidate | undefined {
  if (!('ocra' in challenge)) return undefined;
  const device = state.devices.find(({ id, status }) => id === challenge.bound?.device && status === 'active');
  return device && { device, ...windowOf(device, profileOf(device, profiles), now, rules.policy) };
}

/** Why a challenge cannot be used so, whatever the code is. */
function against(
  challenge: OpenChallenge,
  { devices }: AccountState,
  { by, broken }: ChallengeAttempt,
  now: number,
): ChallengeRejection | undefined {
  const { bound = {} } = challenge;
  if (!mayVerify(challenge, by)) return 'caller';
  if (challenge.expiresAt <= now) return 'expired';
  if (bound.from !== undefined && now < bound.from) return 'early';
  if (broken !== undefined) return broken;
  const isActive = devices.some(({ id, status }) => id === bound.device && status === 'active');
  return bound.device === undefined || isActive ? undefined : 'device';
}

/** A device's response: where its suite has a counter, that is spent, too (I1). */
function answered(
  that: Case,
  attempt: ChallengeAttempt,
  { counter, receipt }: Redeemed & { kind: 'match' },
  { device: { id }, floor, last }: Candidate,
  profiles: Profiles,
): Outcome<ChallengeVerdict> {
  if (counter === undefined || counter < floor || counter > last) return rejected(that, attempt, 'wrong_code');
  const { signed } = attempt;
  const state = after(that);
  state.devices = state.devices.map((device) =>
    device.id === id ? { ...device, floor: floorAfter(counter, device, profileOf(device, profiles)) } : device,
  );
  const proof = { receipt, device: id, counter, ...(signed !== undefined && { signed }) };
  return accepted(that, attempt, proof, state);
}

/** It is used up (I1). */
function accepted(
  that: Case,
  attempt: ChallengeAttempt,
  proof: Pick<ChallengeAccepted, 'receipt' | 'counter' | 'signed'> & { device?: DeviceId },
  state = after(that),
): Outcome<ChallengeVerdict> {
  const { now } = that;
  const { challenge, by } = attempt;
  removeChallenge(state, challenge);
  rememberVerdict(state, attempt, { at: now });
  return {
    kind: 'append',
    event: { type: 'challenge_accepted', challenge, ...proof, ...judged(that), at: now, by, state },
    answer: (sequence) => ({ verdict: 'accepted', sequence, at: now }),
  };
}

/** Counted before anybody hears of it (I2). Who may not verify a challenge spends none of its tries. */
function rejected(that: Case, attempt: ChallengeAttempt, reason: ChallengeRejection): Outcome<ChallengeVerdict> {
  const { now } = that;
  const { challenge, by } = attempt;
  const state = after(that);
  const { verdict, closed } = pay(state, that);
  if (reason !== 'caller') spendTry(state, challenge);
  const why = reason !== 'wrong_code' && { why: reason };
  rememberVerdict(state, attempt, { at: now, reason: 'wrong_code', ...why });
  const more = told(state, attempt, reason, that);
  return {
    kind: 'append',
    event: { type: 'challenge_rejected', challenge, reason, ...closed, ...judged(that), at: now, by, state },
    answer: (sequence) => ({ ...verdict, ...more, sequence }),
  };
}

/** The acceptance is in the ledger, and nothing takes it back: it is told again as it was. */
function acceptedAgain(standing: Standing, at: number, sequence = standing.sequence): Outcome<ChallengeVerdict> {
  return { kind: 'answer', verdict: { verdict: 'accepted', sequence, at, repeated: true } };
}

function spendTry(state: AccountState, id: string): void {
  const challenge = challengeIn(state, id);
  if (challenge === undefined) return;
  const triesLeft = challenge.triesLeft - 1;
  if (triesLeft > 0)
    state.challenges = state.challenges?.map((each) => (each === challenge ? { ...each, triesLeft } : each)) ?? [];
  else removeChallenge(state, id);
}

/** To whoever may not verify a challenge it is one that is not there. */
function told(
  state: AccountState,
  { challenge: id, by }: ChallengeAttempt,
  reason: ChallengeRejection,
  { now, rules }: Case,
) {
  const challenge = challengeIn(state, id);
  const isOpen = challenge !== undefined && challenge.expiresAt > now && mayVerify(challenge, by);
  const triesLeft = isOpen ? challenge.triesLeft : 0;
  return {
    triesLeft,
    ...(rules.policy.challengeReasons === 'tell' && { why: reason === 'caller' ? 'not_open' : reason }),
  };
}
