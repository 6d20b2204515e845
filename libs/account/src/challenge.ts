import { DEFAULT_POLICY, Failure, type Channel, type DeliveryReport } from '@countersign/contracts';
import type { Standing } from './attempt.js';
import { lasting, settled, type Change } from './change.js';
import type { AccountEvent } from './event.js';
import type { AccountState, Bound, ChallengeCode, ChallengeTerms, OpenChallenge } from './state.js';

/** A challenge as it is asked for. */
export type NewChallenge = Pick<ChallengeTerms, 'id' | 'verifiers' | 'bound' | 'request'> &
  ChallengeCode & {
    /** it counts no later; ms since 1970 */
    notAfter?: number;
    /** caller: sealed to the one that asks. device: that one's response is it. Else how it is sent */
    to: 'caller' | 'device' | Channel;
  };

/** A code for one purpose. Throws LIMIT when as many are open as may be, INVALID_ARGUMENT for a time that is over or none. */
export function challengeIssued(
  { state, sequence }: Standing,
  { notAfter = Infinity, to, ...promised }: NewChallenge,
  { by, at, policy = DEFAULT_POLICY }: Change,
): AccountEvent {
  const next = settled(lasting(state), sequence, at);
  const expiresAt = Math.min(notAfter, at + policy.challengeSeconds * 1000);
  if (expiresAt <= Math.max(at, promised.bound?.from ?? 0)) throw noTime();
  const open = next.challenges ?? [];
  if (open.length >= policy.challengesOpen)
    throw new Failure('LIMIT', `an account has at most ${policy.challengesOpen} open challenges; cancel one first`);
  const sendsLeft = to === 'device' ? 0 : policy.challengeSends - (to === 'caller' ? 0 : 1);
  next.challenges = [...open, { ...promised, by, expiresAt, triesLeft: policy.challengeTries, sendsLeft }];
  const { id: challenge, verifiers, bound = {} } = promised;
  return {
    type: 'challenge_issued',
    challenge,
    expiresAt,
    ...(verifiers !== undefined && { verifiers }),
    ...(bound.purpose !== undefined && { purpose: bound.purpose }),
    ...(kindsOf(bound).length > 0 && { bound: kindsOf(bound) }),
    to,
    at,
    by,
    state: next,
  };
}

/** It is to be sent once more. Throws NOT_FOUND for a challenge that is not open to this caller, LIMIT. */
export function challengeSending(
  { state, sequence }: Standing,
  id: string,
  to: Channel,
  { by, at }: Change,
): AccountEvent {
  const next = settled(state, sequence, at);
  const challenge = openTo(next, id, by, at);
  if ('ocra' in challenge) throw new Failure('CONFLICT', "an OCRA device's response is its code: nothing can be sent");
  if (challenge.sendsLeft <= 0)
    throw new Failure('LIMIT', 'this challenge was sent as often as may be; issue another one');
  const sent = { ...challenge, sendsLeft: challenge.sendsLeft - 1 };
  next.challenges = next.challenges?.map((each) => (each === challenge ? sent : each)) ?? [];
  return { type: 'challenge_sending', challenge: id, to, at, by, state: next };
}

/** Nobody can use it any more. Throws NOT_FOUND for a challenge that is not open to this caller. */
export function challengeCancelled({ state, sequence }: Standing, id: string, { by, at }: Change): AccountEvent {
  const next = settled(state, sequence, at);
  openTo(next, id, by, at);
  removeChallenge(next, id);
  return { type: 'challenge_cancelled', challenge: id, at, by, state: next };
}

/** What became of a code that was to be sent; it may have been used meanwhile. Undefined: of an account that is gone. */
export function challengeReported(
  { state, sequence }: Standing,
  { challenge, channel: to, state: became, attempts, reason }: Omit<DeliveryReport, 'tenant' | 'account'>,
  { by, at }: Change,
): AccountEvent | undefined {
  if (state.erased) return undefined;
  const fact = { challenge, to, attempts, at, by, state: settled(state, sequence, at) };
  if (became === 'sent') return { type: 'challenge_sent', ...fact };
  return { type: 'challenge_undelivered', ...(reason !== undefined && { reason }), ...fact };
}

/** The one that is open to this caller, as issuer or as one that the issuer named. Throws NOT_FOUND. */
export function openTo(state: AccountState, id: string, caller: string, now: number): OpenChallenge {
  const challenge = challengeIn(state, id);
  if (challenge !== undefined && challenge.expiresAt > now && mayVerify(challenge, caller)) return challenge;
  throw new Failure('NOT_FOUND', 'no such challenge is open to this caller');
}

export const challengeIn = ({ challenges }: AccountState, id: string): OpenChallenge | undefined =>
  challenges?.find((each) => each.id === id);

export const mayVerify = ({ by, verifiers = [] }: OpenChallenge, caller: string): boolean =>
  by === caller || verifiers.includes(caller);

export function removeChallenge(state: AccountState, id: string): void {
  const others = (state.challenges ?? []).filter((each) => each.id !== id);
  if (others.length > 0) state.challenges = others;
  else delete state.challenges;
}

function noTime(): Failure {
  const problem = 'later than now and than notBefore';
  return new Failure('INVALID_ARGUMENT', `notAfter: ${problem}`, { fields: [{ field: 'notAfter', problem }] });
}

function kindsOf({ transaction, device, networks, zone, cell }: Bound) {
  return [
    ...(transaction === undefined ? [] : ['transaction' as const]),
    ...(device === undefined ? [] : ['device' as const]),
    ...(networks === undefined ? [] : ['network' as const]),
    ...(zone === undefined && cell === undefined ? [] : ['place' as const]),
  ];
}
