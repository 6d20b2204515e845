import type { CodeForm, Failure, Verdict } from '@countersign/contracts';

/**
 * What is written down while the platform is tortured, one JSON object a line, in the order in which it happened to be
 * seen. Times are ms since 1970 by this machine's clock (fractions allowed); shifted clocks of services do not touch them.
 */
export type Entry = Born | Issued | Asked | Answered | Evaluated | Redeemed | FaultBegan | FaultEnded;

/** A device came into being; its key is known to the torturer, so that codes can be checked independently. */
export interface Born {
  kind: 'born';
  at: number;
  tenant: string;
  /** id of the account */
  account: string;
  device: string;
  type: 'hotp' | 'totp';
  /** hexadecimal; HMAC-SHA-1, 6 digits */
  key: string;
  /** seconds; totp only */
  stepSeconds?: number;
  t0Seconds?: number;
}

/** A challenge's code was read by the one that it was sealed to. */
export interface Issued {
  kind: 'issued';
  at: number;
  tenant: string;
  account: string;
  challenge: string;
  code: string;
  /** ms since 1970 */
  expiresAt: number;
}

/** A question left. Its `id` is unique in the history. */
export interface Asked {
  kind: 'asked';
  at: number;
  id: number;
  tenant: string;
  caller: string;
  /** id of the account; empty where none is known */
  account: string;
  question: Question;
}

export type Question =
  /**
   * `intent` is what the torturer meant. `device` is what the request names; `shownBy` and `counter` say whose code it
   * is, where it is anybody's.
   */
  | {
      verb: 'verify';
      name: string;
      code: string;
      requestId: string;
      origin?: string;
      device?: string;
      shownBy?: string;
      counter?: number;
      intent: 'fresh' | 'guess' | 'replay' | 'retry' | 'probe';
    }
  | { verb: 'device.confirm'; device: string; code: string; requestId: string; counter?: number }
  | {
      verb: 'challenge.verify';
      challenge: string;
      code: string;
      requestId: string;
      origin?: string;
      intent: 'fresh' | 'guess' | 'replay' | 'retry';
    }
  | { verb: 'challenge.issue'; requestId: string; verifiers?: string[]; notAfter?: number; form?: CodeForm }
  | { verb: 'challenge.cancel'; challenge: string }
  | { verb: 'device.revoke' | 'device.disable' | 'device.enable'; device: string }
  | { verb: 'account.unlock' | 'account.create' | 'enroll.exchange' };

/** A question that shows a challenge's code, and is answered by a verdict. */
export type ChallengeQuestion = Extract<Question, { verb: 'challenge.verify' }>;
/** The same of a device's code. */
export type CodeQuestion = Exclude<Extract<Question, { code: string }>, ChallengeQuestion>;

/** Its answer, or that none came (`UNAVAILABLE` and `OUTCOME_UNKNOWN` are failures, too). */
export interface Answered {
  kind: 'answered';
  at: number;
  /** of the question */
  id: number;
  answer: { kind: 'verdict'; verdict: Verdict } | { kind: 'done' } | { kind: 'failure'; code: Failure['code'] };
}

/** The key service was asked to look at a code, whether or not anybody heard of it. Written by its own process. */
export interface Evaluated {
  kind: 'evaluated';
  /** when it was asked: misses are counted from then on */
  at: number;
  /** one life of one replica: name and process id */
  replica: string;
  tenant: string;
  account: string;
  device: string;
  epoch: number;
  from: number;
  count: number;
  code: string;
  result: 'match' | 'none' | 'refused' | 'unknown-key' | 'trouble';
  counter?: number;
}

/** The same of a challenge's code. */
export interface Redeemed {
  kind: 'redeemed';
  at: number;
  replica: string;
  tenant: string;
  account: string;
  challenge: string;
  code: string;
  result: 'match' | 'none' | 'refused' | 'trouble';
}

export interface FaultBegan {
  kind: 'fault-began';
  at: number;
  /** unique in the history */
  fault: number;
  /** kind of the fault, as `--faults` takes it */
  name: string;
  /** what it was done to */
  target: string;
}

/** What was broken is whole again: from here on recovery is measured. */
export interface FaultEnded {
  kind: 'fault-ended';
  at: number;
  fault: number;
  /** whether JetStream has to elect a leader because of it */
  elects: boolean;
}

/** One message of the ledger, as it lies there at the end. */
export interface LedgerMessage {
  sequence: number;
  subject: string;
  /** ms since 1970, by NATS */
  storedAt: number;
  body: Record<string, unknown>;
}
