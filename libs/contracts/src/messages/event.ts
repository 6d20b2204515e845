import type {
  ChallengeAccepted,
  ChallengeCancelled,
  ChallengeIssued,
  ChallengeRejected,
  ChallengeSending,
  ChallengeSent,
  ChallengeUndelivered,
} from './challenge-event.js';
import type {
  ActivationIssued,
  ActivationRedeemed,
  ActivationReused,
  Enrolled,
  Imported,
  PairingConfirmed,
  PairingOpened,
  PairingTried,
  RecoveryIssued,
  Rekeying,
  SheetIssued,
} from './enrolment-event.js';
import type { ClosedBudget, Fact, JudgedFact, OfDevice } from './event-fact.js';
import type { Policy } from './policy.js';
import type { Base64url, Count, DeviceIdText, Sequence, UnixMs } from './units.js';

/**
 * The vocabulary of events: every type, what it means and what it holds. The ledger's own events are made of these
 * (libs/account), auditors read these, and docs/api/events.schema.json is generated from them.
 */

/** One device's answer from the key service. */
export interface DeviceMatch extends OfDevice {
  /** the HOTP counter or TOTP step that the code belongs to; of a sheet its place, from 0 */
  counter: Counter;
  /** the HSM's MAC over tenant, account, device, epoch and counter: proof that the device's key made the code */
  receipt: Base64url;
}

/**
 * an HOTP counter or a TOTP step
 * @integer
 */
type Counter = number;

/** The match that decided, with its receipt. */
interface DecidedFact extends JudgedFact, DeviceMatch {
  /** what else matched */
  others?: DeviceMatch[];
}

/** A sign that two hold one secret. It proves nothing: people press buttons twice and sign in on two machines. */
export interface SuspiciousFact {
  suspicion?: Suspicion;
}

export interface Suspicion {
  /**
   * behind: an HOTP code that was never used, though later ones were. alternating: codes of one device accepted from one
   * origin, another, and the first again, within two minutes
   */
  sign: 'behind' | 'alternating';
  /** the tenant's policy had the device disabled for it; an operator enables it */
  disabled: boolean;
}

/** the account was made */
export interface Created extends Fact {
  type: 'created';
}

/** its first code; the device is active, the code spent */
export interface Confirmed extends DecidedFact {
  type: 'confirmed';
  /** the device that it replaced; that one is revoked */
  replaced?: DeviceIdText;
}

/** a code opened the account */
export interface Accepted extends DecidedFact, SuspiciousFact {
  type: 'accepted';
  /** it was the device's first code: the device is active */
  activated?: true;
  /** the device that the activated one replaced; that one is revoked */
  replaced?: DeviceIdText;
}

/** the first code of the next key, which is spent; from here on only this key works */
export interface Rekeyed extends DecidedFact {
  type: 'rekeyed';
  /** the key's */
  epoch: Count;
  /** ledger sequence of the key's record */
  record: Sequence;
}

/** two codes in a row brought an HOTP device's counter up to date; both are spent */
export interface Resynced extends DecidedFact {
  type: 'resynced';
}

/** a code of the recovery sheet opened the account, and is spent */
export interface Recovered extends DecidedFact {
  type: 'recovered';
}

/** a code of a sheet for somebody offline was accepted, and is spent */
export interface SheetUsed extends DecidedFact {
  type: 'sheet_used';
}

/** a code that was accepted before, or that a later one had passed over; once per counter and minute */
export interface Replayed extends DecidedFact, SuspiciousFact {
  type: 'replayed';
}

/** a wrong code */
export interface Rejected extends JudgedFact {
  type: 'rejected';
  /** as in the verdict */
  reason: 'wrong_code';
  /** the budget that this one closed, or keeps closed for longer */
  closed?: ClosedBudget;
  /** the code was of a counter beyond the look-ahead, and the next one will be accepted: see `autoResync` */
  ahead?: DeviceMatch;
}

/** the budget was closed; at most once a minute */
export interface Refused extends JudgedFact {
  type: 'refused';
  /** as in the verdict */
  reason: 'locked';
}

/** an acceptance was answered again, to the same requestId */
export interface Repeated extends JudgedFact, OfDevice {
  type: 'repeated';
  /** the sequence of the acceptance that was repeated */
  of: Sequence;
}

/** an operator opened both budgets */
export interface Unlocked extends Fact {
  type: 'unlocked';
}

/** names of the account are about to change */
export interface Renaming extends Fact {
  type: 'renaming';
}

/** names of the account have changed */
export interface Renamed extends Fact {
  type: 'renamed';
  /** how many came */
  added: Count;
  /** how many went */
  removed: Count;
}

/** a device is not accepted until enabled */
export interface Disabled extends Fact, OfDevice {
  type: 'disabled';
}

/** it is accepted again */
export interface Enabled extends Fact, OfDevice {
  type: 'enabled';
}

/** it is never accepted again */
export interface Revoked extends Fact, OfDevice {
  type: 'revoked';
}

/** whose account it was is forgotten: its names are freed, its devices gone, nothing is added any more */
export interface Erased extends Fact {
  type: 'erased';
}

/** the account's history is contradictory; nothing is accepted */
export interface Frozen extends Fact {
  type: 'frozen';
  /** the two events that name the same predecessor */
  sequences: [Sequence, Sequence];
}

/** Everything that can happen to an account. */
export type AccountFact =
  | Created
  | Enrolled
  | Imported
  | Confirmed
  | Accepted
  | Rekeying
  | Rekeyed
  | Resynced
  | RecoveryIssued
  | Recovered
  | SheetIssued
  | SheetUsed
  | Replayed
  | Rejected
  | Refused
  | Repeated
  | PairingOpened
  | PairingTried
  | PairingConfirmed
  | ActivationIssued
  | ActivationRedeemed
  | ActivationReused
  | ChallengeIssued
  | ChallengeSending
  | ChallengeSent
  | ChallengeUndelivered
  | ChallengeAccepted
  | ChallengeRejected
  | ChallengeCancelled
  | Unlocked
  | Renaming
  | Renamed
  | Disabled
  | Enabled
  | Revoked
  | Erased
  | Frozen;

/** somebody asked about a name that no account has */
export interface Nobody extends Fact {
  type: 'nobody';
  /** the question before it of those written one after the other; 0 for the first; absent in old ones */
  after?: Sequence;
}

/** the tenant's settings */
export interface TenantSettings {
  type: 'tenant';
  /** fold: `Ada` and `ada` name the same account; exact: they do not; fixed for ever */
  names: 'fold' | 'exact';
  /** when it was decided */
  at: UnixMs;
}

/** the tenant's operator decided about guesses, codes and origins */
export interface PolicyDecided extends Fact {
  type: 'policy';
  /** all of it, as it is from now on */
  policy: Policy;
}

/** no event of ours: what lies there cannot be read */
export interface Unreadable {
  type: 'unreadable';
}

/** What the ledger itself says of an event. */
export interface Placed {
  /** its place in the ledger; grows, with gaps */
  sequence: Sequence;
  /** when the ledger stored it */
  storedAt: UnixMs;
  /** the account's id; `_nobody`, `_tenant` or `_policy` for what is no account's */
  account: string;
}

/** An event that was appended after another one. */
export interface Following {
  /** the event it follows on the same account; 0 for the first */
  after: Sequence;
}

/**
 * One event as a tenant may see it: what happened, without the internal state it left. Types may be added: pass over one
 * that you do not know.
 * @open
 */
export type EventView = Placed & ((Following & (AccountFact | TenantSettings | PolicyDecided)) | Nobody | Unreadable);
