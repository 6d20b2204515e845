import { IsBoolean } from '../class-validator.js';
import { OneOf, Optional, Whole } from './fields.js';
import type { Count, Days, Milliseconds, Minutes, Seconds, Sequence, UnixMs } from './units.js';

/** The least and the most of each number of a policy: no tenant can give up what the platform promises to all. */
export const POLICY_RANGES = {
  freeAttempts: [1, 10],
  firstDelayMs: [1_000, 3_600_000],
  longestDelayMs: [30_000, 86_400_000],
  operatorAfter: [10, 100], // NIST SP 800-63B section 5.2.2: no more than 100 consecutive failed attempts
  wrongPer30Days: [10, 1000],
  origins: [1, 8],
  originDays: [1, 90],
  hotpLookAhead: [1, 25],
  totpStepsBefore: [0, 2],
  totpStepsAfter: [0, 2],
  totpDriftSteps: [0, 10],
  resyncWindow: [10, 1000],
  minDigits: [6, 8],
  pinDigits: [6, 8],
  pairingTries: [1, 5],
  pairingSeconds: [60, 600],
  pairingsPerHour: [1, 30],
  pairedDevices: [1, 16],
  activationMinutes: [1, 60],
  rekeyDays: [0, 3650],
  firstUseDays: [1, 365],
  challengeTries: [1, 5],
  challengeSeconds: [30, 86_400],
  challengesOpen: [1, 8],
  challengeSends: [1, 10],
} as const satisfies Record<string, readonly [min: number, max: number]>;

/** What each of the other fields may be. */
export const POLICY_CHOICES = {
  autoResync: [true, false],
  onSuspicion: ['tell', 'lock'],
  onTokenReuse: ['tell', 'disable'],
  onImport: ['confirm', 'first-use', 'active'],
  challengeReasons: ['hide', 'tell'],
} as const;

/** What a tenant may decide about guesses, codes and origins. A field that is left out stays as it is. */
export class PolicyFields {
  /** wrong codes in a row that cost no waiting */
  @Optional()
  @Whole(...POLICY_RANGES.freeAttempts)
  freeAttempts?: Count;

  /** the wait after the last free one; it doubles with each further wrong code */
  @Optional()
  @Whole(...POLICY_RANGES.firstDelayMs)
  firstDelayMs?: Milliseconds;

  /** the longest wait; not shorter than the first */
  @Optional()
  @Whole(...POLICY_RANGES.longestDelayMs)
  longestDelayMs?: Milliseconds;

  /** wrong codes in a row after which waiting does not help: an operator unlocks */
  @Optional()
  @Whole(...POLICY_RANGES.operatorAfter)
  operatorAfter?: Count;

  /** wrong codes of 30 days, cleared by acceptances or not, after which the budget is closed for the rest of them */
  @Optional()
  @Whole(...POLICY_RANGES.wrongPer30Days)
  wrongPer30Days?: Count;

  /** origins of an account that are remembered, the latest */
  @Optional()
  @Whole(...POLICY_RANGES.origins)
  origins?: Count;

  /** how long an origin stays known after its last acceptance */
  @Optional()
  @Whole(...POLICY_RANGES.originDays)
  originDays?: Days;

  /** HOTP: counters from the next one on that may be accepted */
  @Optional()
  @Whole(...POLICY_RANGES.hotpLookAhead)
  hotpLookAhead?: Count;

  /** TOTP: steps before the present one that may be accepted */
  @Optional()
  @Whole(...POLICY_RANGES.totpStepsBefore)
  totpStepsBefore?: Count;

  /** TOTP: steps after the present one that may be accepted */
  @Optional()
  @Whole(...POLICY_RANGES.totpStepsAfter)
  totpStepsAfter?: Count;

  /** TOTP: how far the window may follow a device's clock, before or after the true time; 0: it does not */
  @Optional()
  @Whole(...POLICY_RANGES.totpDriftSteps)
  totpDriftSteps?: Count;

  /** HOTP: counters from the next one on in which `resync` looks for two codes in a row */
  @Optional()
  @Whole(...POLICY_RANGES.resyncWindow)
  resyncWindow?: Count;

  /** HOTP: a code beyond the look-ahead is wrong, but the one after it is accepted when it comes next */
  @Optional()
  @IsBoolean({ message: 'true or false' })
  autoResync?: boolean;

  /** a sign that two hold one device's secret; tell: the event says so. lock: it also disables the device */
  @Optional()
  @OneOf(POLICY_CHOICES.onSuspicion)
  onSuspicion?: 'tell' | 'lock';

  /** the fewest digits that a newly enrolled device may show */
  @Optional()
  @Whole(...POLICY_RANGES.minDigits)
  minDigits?: Count;

  /** digits of the PIN that pairs a device */
  @Optional()
  @Whole(...POLICY_RANGES.pinDigits)
  pinDigits?: Count;

  /** tries of the PIN, right or wrong, in one session of pairing */
  @Optional()
  @Whole(...POLICY_RANGES.pairingTries)
  pairingTries?: Count;

  /** how long a session of pairing lasts */
  @Optional()
  @Whole(...POLICY_RANGES.pairingSeconds)
  pairingSeconds?: Seconds;

  /** sessions of pairing that may be opened for one account within an hour */
  @Optional()
  @Whole(...POLICY_RANGES.pairingsPerHour)
  pairingsPerHour?: Count;

  /** devices of an account that came by pairing, the revoked ones not counted */
  @Optional()
  @Whole(...POLICY_RANGES.pairedDevices)
  pairedDevices?: Count;

  /** how long the token of an activation can be used */
  @Optional()
  @Whole(...POLICY_RANGES.activationMinutes)
  activationMinutes?: Minutes;

  /** an activation's token is brought a second time; tell: the event says so. disable: the first one's device ends, too */
  @Optional()
  @OneOf(POLICY_CHOICES.onTokenReuse)
  onTokenReuse?: 'tell' | 'disable';

  /** after so many days a device's key is due to be followed by another; 0: never */
  @Optional()
  @Whole(...POLICY_RANGES.rekeyDays)
  rekeyDays?: Days;

  /**
   * what a device with a seed from elsewhere begins as where its import does not say. confirm: its first code is confirmed.
   * first-use: any verification accepts its first code. active: at once
   */
  @Optional()
  @OneOf(POLICY_CHOICES.onImport)
  onImport?: 'confirm' | 'first-use' | 'active';

  /** how long a device that is to be active at its first use waits for that */
  @Optional()
  @Whole(...POLICY_RANGES.firstUseDays)
  firstUseDays?: Days;

  /** wrong codes, or right ones for something else, that end a challenge */
  @Optional()
  @Whole(...POLICY_RANGES.challengeTries)
  challengeTries?: Count;

  /** how long a challenge lasts, unless it is issued for less */
  @Optional()
  @Whole(...POLICY_RANGES.challengeSeconds)
  challengeSeconds?: Seconds;

  /** challenges of an account that are open at one time */
  @Optional()
  @Whole(...POLICY_RANGES.challengesOpen)
  challengesOpen?: Count;

  /** how often the code of one challenge is sent, the first time counted */
  @Optional()
  @Whole(...POLICY_RANGES.challengeSends)
  challengeSends?: Count;

  /** a challenge's code is rejected; hide: only the event says why. tell: the verdict says so, too */
  @Optional()
  @OneOf(POLICY_CHOICES.challengeReasons)
  challengeReasons?: 'hide' | 'tell';
}

export type Policy = Required<PolicyFields>;

/** What holds where a tenant has decided nothing. */
export const DEFAULT_POLICY: Policy = {
  freeAttempts: 5, // a person's typing errors
  firstDelayMs: 30_000,
  longestDelayMs: 3_600_000,
  operatorAfter: 100,
  wrongPer30Days: 100,
  origins: 8,
  originDays: 30,
  hotpLookAhead: 10, // RFC 4226 section 7.4: small, since every further code helps a guesser
  totpStepsBefore: 1, // RFC 6238 section 5.2: one step of delay
  totpStepsAfter: 1, // a device's clock that is a little fast
  totpDriftSteps: 0,
  resyncWindow: 1000,
  autoResync: false,
  onSuspicion: 'tell',
  minDigits: 6,
  pinDigits: 6,
  pairingTries: 3, // a person's typing errors
  pairingSeconds: 120,
  pairingsPerHour: 10,
  pairedDevices: 10,
  activationMinutes: 10,
  onTokenReuse: 'disable', // of two who have the token, nobody can say which is the owner
  rekeyDays: 0,
  onImport: 'confirm',
  firstUseDays: 90, // tokens lie in a drawer and in the post
  challengeTries: 3, // a person's typing errors
  challengeSeconds: 300, // a mail's way, and a person's to the mailbox
  challengesOpen: 8,
  challengeSends: 3,
  challengeReasons: 'hide',
};

/** `policy.get` asks nothing. */
export class PolicyQuery {}

/** `policy.set`: changes what is named, unless somebody else changed it since `version` was read. */
export class SetPolicyRequest extends PolicyFields {
  /** as `policy.get` answered it; 0: nothing was decided yet */
  @Whole(0, Number.MAX_SAFE_INTEGER)
  version!: Sequence;
}

export interface PolicyReply {
  /** the ledger sequence of the event that decided it; 0: nothing was decided, these are the defaults */
  version: Sequence;
  /** all of it, as it is from then on */
  policy: Policy;
}

/** `policy.history`: every policy that this tenant ever had, the first one first. */
export class PolicyHistoryRequest {
  /** only those after this version: the `next` of the page before */
  @Optional()
  @Whole(0, Number.MAX_SAFE_INTEGER)
  after?: Sequence;
}

export interface PolicyHistoryEntry extends PolicyReply {
  at: UnixMs;
  /** the caller that decided it */
  by: string;
}

export interface PolicyHistoryReply {
  /** at most 50, oldest first */
  policies: PolicyHistoryEntry[];
  /** ask again after this version */
  next: Sequence;
  /** there are more after it */
  more: boolean;
}
