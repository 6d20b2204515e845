import { DEFAULT_POLICY, Failure } from '@countersign/contracts';
import type { Standing } from './attempt.js';
import { lasting, settled, type Change } from './change.js';
import type { AccountEvent } from './event.js';
import type { AccountState, OpenPairing } from './state.js';

/** A session to pair by PIN. One that was open before ends. Throws NOT_FOUND; LIMIT when the hour has had its sessions. */
export function pairingOpened(
  { state, sequence }: Standing,
  session: string,
  { by, at, policy = DEFAULT_POLICY }: Change,
): AccountEvent {
  const next = settled(lasting(state), sequence, at);
  const opened = next.pairingsOpened ?? [];
  if (opened.length >= policy.pairingsPerHour)
    throw new Failure('LIMIT', `an account has at most ${policy.pairingsPerHour} sessions of pairing in an hour`);
  const expiresAt = at + policy.pairingSeconds * 1000;
  next.pairing = { session, expiresAt, triesLeft: policy.pairingTries };
  next.pairingsOpened = [...opened, at];
  return { type: 'pairing_opened', session, expiresAt, at, by, state: next };
}

/** A try is spent, whatever the PIN was. Throws NOT_FOUND when the session has none or is not the open one. */
export function pairingTried({ state, sequence }: Standing, session: string, { by, at }: Change): AccountEvent {
  const next = settled(state, sequence, at);
  const pairing = openPairing(next, session);
  if (pairing.triesLeft === 0) throw pairingUnknown();
  const triesLeft = pairing.triesLeft - 1;
  next.pairing = { ...pairing, triesLeft };
  return { type: 'pairing_tried', session, triesLeft, at, by, state: next };
}

/** Both ends know the PIN: the session is over. Throws NOT_FOUND when it is not the open one. */
export function pairingConfirmed({ state, sequence }: Standing, session: string, { by, at }: Change): AccountEvent {
  const next = settled(state, sequence, at);
  openPairing(next, session);
  delete next.pairing;
  return { type: 'pairing_confirmed', session, at, by, state: next };
}

function openPairing({ pairing }: AccountState, session: string): OpenPairing {
  if (pairing?.session === session) return pairing;
  throw pairingUnknown();
}

/** The one answer for every session that gives nothing: unknown, superseded, out of time or tries, another tenant's. */
export const pairingUnknown = (): Failure =>
  new Failure('NOT_FOUND', 'this pairing cannot be used, or not any more; open another one');
