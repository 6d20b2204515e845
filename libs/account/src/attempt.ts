import type { DeviceId, FailureCode, JudgedFact, KeyProfile, Verdict } from '@countersign/contracts';
import type { AccountEvent } from './event.js';
import type { AccountState, DeviceState } from './state.js';
import type { Window } from './window.js';

/** What every code that somebody typed comes with. The code itself judge never sees. */
export interface Asking {
  verb: JudgedFact['verb'];
  /** the caller that asks */
  by: string;
  /** digest of (caller, requestId, code); absent when the request carries no id */
  request?: string;
  /** digest of the origin that the caller states */
  origin?: string;
  /** the device that the request names */
  device?: DeviceId;
  /** rekey.confirm: the epoch of the key that shows the code */
  epoch?: number;
}

/** A code of one of the account's devices. */
export interface Attempt extends Asking {
  verb: Exclude<JudgedFact['verb'], 'challenge.verify'>;
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

/** Profiles of the account's devices, by device id, as the records say that this very standing names. */
export type Profiles = ReadonlyMap<DeviceId, KeyProfile>;

/** `answer` and `fail` append nothing: they may leave only if the standing was read from the ledger within a second. */
export type Outcome<Answer = Verdict> =
  /** append this after the standing's sequence; once acknowledged, answer (with the new sequence) */
  | { kind: 'append'; event: AccountEvent; answer: (sequence: number) => Answer }
  | { kind: 'answer'; verdict: Answer }
  | { kind: 'fail'; code: FailureCode; detail: string };

export type Decision =
  /** the key service has to be asked about these first */
  { kind: 'ask'; candidates: Candidate[] } | Outcome;
