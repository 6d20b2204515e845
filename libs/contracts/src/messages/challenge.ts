import { ArrayUnique, IsObject, Matches } from '../class-validator.js';
import { TENANT_PATTERN } from '../names.js';
import { CodeForm, MAX_PURPOSE_LENGTH } from './challenge-keys.js';
import { DeliveryWish } from './delivery.js';
import {
  AccountName,
  ChallengeIdField,
  DeviceIdField,
  ListOf,
  Nested,
  OneOf,
  Optional,
  Origin,
  RequestId,
  VisibleLine,
  Whole,
} from './fields.js';
import { Asked } from './ocra-question.js';
import type { AccountIdText, Base64url, ChallengeIdText, Count, Sequence, UnixMs } from './units.js';
import type { Verdict } from './verdict.js';

export const MAX_VERIFIERS = 4;
export const MAX_NETWORKS = 4;
const MAX_ZONE_LENGTH = 40;
const LATEST = 253_402_300_799_999; // the last ms of the year 9999
const GEOHASH = '[0-9b-hjkmnp-z]';

const Purpose = () => VisibleLine(MAX_PURPOSE_LENGTH);
const Zone = () => VisibleLine(MAX_ZONE_LENGTH);
/** Longer ones name places of a few metres, where no two fixes of one person agree. */
const Cell = (longest: number) =>
  Matches(new RegExp(`^${GEOHASH}{3,${longest}}$`), { message: `a geohash of 3 to ${longest} letters, lower case` });
const Transaction = () => IsObject({ message: 'a JSON object' });

/** `challenge.issue`: a code for one purpose, which counts only where all holds that it is bound to. */
export class IssueChallengeRequest {
  /** one of the account's names */
  @AccountName()
  account!: string;

  /** default: 6 digits; an OCRA device's suite says it for its responses */
  @Optional()
  @Nested(() => CodeForm)
  form?: CodeForm;

  /** callers of the tenant that may verify it, beside the one that asks */
  @Optional()
  @ListOf(1, MAX_VERIFIERS)
  @ArrayUnique({ message: 'callers without repetition' })
  @Matches(TENANT_PATTERN, { each: true, message: 'a caller: a-z, 0-9, -, at most 32' })
  verifiers?: string[];

  /** what it is for: `sign-in`, `payment`; whoever verifies says the same */
  @Optional()
  @Purpose()
  purpose?: string;

  /** what it approves; whoever verifies states the same, as JSON is compared by RFC 8785. Amounts are best given as text */
  @Optional()
  @Transaction()
  transaction?: object;

  /** it counts no sooner, ms since 1970 */
  @Optional()
  @Whole(0, LATEST)
  notBefore?: UnixMs;

  /** it counts no later; default, and at most: so long from now as the policy says */
  @Optional()
  @Whole(0, LATEST)
  notAfter?: UnixMs;

  /**
   * a device of the account: whoever verifies says that the person uses it, and it must be active then. With neither
   * `deliver` nor `sealTo` it is an OCRA device, and its response to a question is the code
   */
  @Optional()
  @DeviceIdField()
  device?: string;

  /** networks in CIDR notation: the person's address has to be in one of them */
  @Optional()
  @ListOf(1, MAX_NETWORKS)
  @Matches(/^[0-9A-Fa-f.:]{2,45}\/[0-9]{1,3}$/, { each: true, message: 'networks as 192.0.2.0/24 or 2001:db8::/32' })
  networks?: string[];

  /** a place that callers call so: whoever verifies says the same */
  @Optional()
  @Zone()
  zone?: string;

  /** a geohash: the person has to be in this cell, or in one of the 8 around it */
  @Optional()
  @Cell(8)
  cell?: string;

  /** the OCRA device's own question, which the platform answers first (RFC 6287 section 7.2) */
  @Optional()
  @Asked()
  asked?: string;

  /** have it sent; either this or `sealTo`, or neither where an OCRA device is asked */
  @Optional()
  @Nested(() => DeliveryWish)
  deliver?: DeliveryWish;

  /** caller: it comes in the answer, sealed to the key that is pinned for the caller that asks */
  @Optional()
  @OneOf(['caller'])
  sealTo?: 'caller';

  /** makes a retry safe: while the challenge is open, the same id and request get it again */
  @Optional()
  @RequestId()
  requestId?: string;
}

/** A code that only one recipient can read, and what it was sealed for: `openCode` of libs/sealing takes all of it. */
export interface SealedCode {
  /** of the caller */
  tenant: string;
  account: AccountIdText;
  /** whose key it is sealed to */
  recipient: string;
  /** HPKE (RFC 9180): the ephemeral point, then the ciphertext */
  sealed: Base64url;
}

export interface IssueChallengeReply {
  challenge: ChallengeIdText;
  /** it counts until then */
  expiresAt: UnixMs;
  /** with `sealTo` */
  code?: SealedCode;
  /** what the OCRA device is to answer */
  question?: string;
  /** with `asked`: the platform's response, which the device checks before it gives its own */
  answer?: string;
  /** the ledger sequence of the event that says so */
  sequence: Sequence;
  /** it was issued before, to the same requestId */
  repeated?: true;
}

/** `challenge.verify`: is this the code? */
export class VerifyChallengeRequest {
  /** one of the account's names */
  @AccountName()
  account!: string;

  @ChallengeIdField()
  challenge!: string;

  /** as the person typed it; letters in either case */
  @Matches(/^[0-9A-Za-z]{4,10}$/, { message: '4 to 10 digits or letters and nothing else' })
  code!: string;

  /** as it was issued for */
  @Optional()
  @Purpose()
  purpose?: string;

  /** as it is about to be carried out */
  @Optional()
  @Transaction()
  transaction?: object;

  /** the device that the person uses */
  @Optional()
  @DeviceIdField()
  device?: string;

  /** the person's address, IPv4 or IPv6 */
  @Optional()
  @Matches(/^[0-9A-Fa-f.:]{2,45}$/, { message: 'an address as 192.0.2.7 or 2001:db8::7' })
  address?: string;

  /** where the person is */
  @Optional()
  @Zone()
  zone?: string;

  /** where the person is, as a geohash at least as long as the one that the challenge was issued for */
  @Optional()
  @Cell(12)
  cell?: string;

  /** makes a retry safe: the same id with the same code gets the same verdict for 60 s, from any replica */
  @Optional()
  @RequestId()
  requestId?: string;

  /** where the person comes from (a device cookie's hash); one accepted in the last 30 days has a budget of its own */
  @Optional()
  @Origin()
  origin?: string;
}

export const CHALLENGE_REJECTIONS = [
  ...(['wrong_code', 'not_open', 'caller', 'expired', 'early'] as const),
  ...(['purpose', 'transaction', 'device', 'network', 'place'] as const),
] as const;

/**
 * wrong_code: another code. not_open: there is no such challenge, or not any more: used, cancelled, out of tries. caller: it is
 * not this caller's to verify. expired, early: outside of its time. purpose, transaction, device, network, place: not what it
 * was issued for.
 */
export type ChallengeRejection = (typeof CHALLENGE_REJECTIONS)[number];

/** The answer to `challenge.verify`. Every rejected code costs an attempt, whatever was wrong with it. */
export interface ChallengeVerdict extends Verdict {
  /** wrong codes that this challenge will bear still; 0: it is not open to this caller, or not any more; with wrong_code */
  triesLeft?: Count;
  /** why it was rejected, where the tenant's policy has callers told; with wrong_code */
  why?: ChallengeRejection;
}

/** `challenge.send`: once more, or elsewhere. */
export class SendChallengeRequest {
  @AccountName()
  account!: string;

  @ChallengeIdField()
  challenge!: string;

  @Nested(() => DeliveryWish)
  deliver!: DeliveryWish;
}

export interface SendChallengeReply {
  challenge: ChallengeIdText;
  /** how often it can be sent still */
  sendsLeft: Count;
  expiresAt: UnixMs;
  sequence: Sequence;
}

/** `challenge.cancel`: nobody can use it any more. */
export class CancelChallengeRequest {
  @AccountName()
  account!: string;

  @ChallengeIdField()
  challenge!: string;
}

export interface CancelChallengeReply {
  challenge: ChallengeIdText;
  sequence: Sequence;
}
