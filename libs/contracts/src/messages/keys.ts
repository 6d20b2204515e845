import { Length, Matches } from '../class-validator.js';
import { ChallengeReceiptItem } from './challenge-keys.js';
import {
  AccountIdField,
  Bytes,
  ChallengeIdField,
  Code,
  DeviceIdField,
  Epoch,
  Nested,
  NestedList,
  OneOf,
  Optional,
  TenantName,
  Whole,
} from './fields.js';
import { OcraItem } from './ocra-question.js';
import { OcraSuiteField, PlatformSuiteField } from './ocra.js';
import {
  ALGORITHMS,
  DEVICE_STATUSES,
  MAX_COUNTER,
  RECOVERY_CODE_LENGTH,
  T0_RANGE,
  WRAPPED_TYPES,
  type Algorithm,
  type DeviceStatus,
  type KeyProfile,
  type WrappedType,
} from './profile.js';

/** Stands for a key that belongs to nobody: same work, never a match. For accounts that do not exist. */
export const DECOY_REFERENCE = 'decoy';
export const MAX_BATCH = 64;
/** the longest counter range one question may cover */
export const MAX_RANGE = 32;
/** the same where two codes in a row have to match: a pair is a millionth as likely to be guessed */
export const MAX_PAIR_RANGE = 1000;
export const POINT_BYTES = 65;
const MAX_REFERENCE = 1024;

/** The profile as the key service takes it: nothing assumed. */
export class ProfileMessage implements Record<keyof KeyProfile, unknown> {
  @OneOf(WRAPPED_TYPES)
  type!: WrappedType;

  @OneOf(ALGORITHMS)
  algorithm!: Algorithm;

  @OneOf([6, 7, 8, RECOVERY_CODE_LENGTH])
  digits!: number;

  @Whole(10, 300)
  stepSeconds!: number;

  @Whole(...T0_RANGE)
  t0Seconds!: number;

  @Whole(0, MAX_COUNTER)
  counter!: number;

  /** of an OCRA device, and of no other */
  @Optional()
  @OcraSuiteField()
  suite?: string;

  @Optional()
  @PlatformSuiteField()
  platformSuite?: string;
}

/** Names one key of one device; a part of every derivation label, transcript and receipt. */
export interface KeyLabel {
  tenant: string;
  account: string;
  device: string;
  epoch: number;
}

/** One question: does `code` belong to a counter in [from, from + count)? */
export class MatchItem implements KeyLabel {
  @Length(1, MAX_REFERENCE, { message: 'the opaque key reference of the device record' })
  reference!: string;

  @TenantName()
  tenant!: string;

  /** an account's id, or `_decoy` */
  @Matches(/^[0-9a-z_]{1,20}$/, { message: "an account's id" })
  account!: string;

  /** a device's id, or for a decoy the directory key of the unknown name (limits are counted by it) */
  @Matches(/^[0-9A-Za-z_-]{1,64}$/, { message: "a device's id" })
  device!: string;

  @Epoch()
  epoch!: number;

  @OneOf(ALGORITHMS)
  algorithm!: Algorithm;

  @OneOf([6, 7, 8, RECOVERY_CODE_LENGTH])
  digits!: number;

  /** the code is of a sheet: the first 50 bits of the MAC in Crockford's base32, lower case */
  @Optional()
  @OneOf(['recovery'])
  format?: 'recovery';

  /** the code is an OCRA device's response; counters are of its suite: counters, time steps, or 0 where it has neither */
  @Optional()
  @Nested(() => OcraItem)
  ocra?: OcraItem;

  @Whole(0, MAX_COUNTER + MAX_RANGE)
  from!: number;

  /** at most MAX_RANGE without `next`, MAX_SHEET_CODES of a sheet */
  @Whole(1, MAX_PAIR_RANGE)
  count!: number;

  /**
   * counters below it are spent: a match there is told before any other, so that no code is used for two counters. At
   * most `floor`; 0 if left out, as an older asker does
   */
  @Optional()
  @Whole(0, MAX_COUNTER + 1)
  spent?: number;

  /** the first counter that could be accepted: a match from here on is told before one between `spent` and here */
  @Whole(0, MAX_COUNTER + 1)
  floor!: number;

  @Matches(/^(?:[0-9]{6,10}|[0-9a-hjkmnp-tv-z]{10})$/, { message: '6 to 10 ASCII digits, or a code of a sheet' })
  code!: string;

  /** the code of the counter after: both have to match. The match is then of this later counter */
  @Optional()
  @Code()
  next?: string;
}

export class MatchRequest {
  @NestedList(() => MatchItem, 1, MAX_BATCH)
  items!: MatchItem[];
}

/**
 * match: the code is `counter`'s; `receipt` is the HSM's MAC over (tenant, account, device, epoch, counter).
 * none: it is not in the range. refused: too many misses for this device in the last minute; nothing was evaluated.
 * unknown-key: the reference is not one of this HSM's.
 */
export type MatchResult =
  | { kind: 'match'; counter: number; receipt: string }
  | { kind: 'none' }
  | { kind: 'refused'; retryAfterMs: number }
  | { kind: 'unknown-key' };

export interface MatchReply {
  /** in the order of the items */
  results: MatchResult[];
}

class LabelledKey implements KeyLabel {
  @TenantName()
  tenant!: string;

  @AccountIdField()
  account!: string;

  @DeviceIdField()
  device!: string;

  @Epoch()
  epoch!: number;

  @Nested(() => ProfileMessage)
  profile!: ProfileMessage;
}

class LabelledProfile extends LabelledKey {
  /** the other end's ephemeral P-256 point, uncompressed (SEC 1 section 2.3.3) */
  @Bytes(POINT_BYTES)
  point!: string;
}

/** Makes a device's first key and wraps it for the holder of `point`. Takes no reference: no call can wrap a key that exists. */
export class ProvisionRequest extends LabelledProfile {}

export interface ProvisionReply {
  reference: string;
  /** the HSM's ephemeral point */
  point: string;
  /** AES-KWP (RFC 5649) of the key under the exchange's key-encryption key */
  wrapped: string;
  /** the receiver cuts the unwrapped key to this many bytes */
  keyLength: number;
  /** Ed25519 by the identity key over the transcript and the wrapped key */
  signature: string;
}

/**
 * Makes a device's next key: `epoch` is its epoch, one more than that of the present key, which `reference` stands for and
 * which proves the request. Nothing is made without the proof.
 */
export class RekeyRequest extends LabelledProfile {
  @Length(1, MAX_REFERENCE, { message: 'the opaque key reference of the present key' })
  reference!: string;

  /** HMAC under the present key: see rekeyProofMessage of libs/pairing */
  @Bytes(20, 64)
  proof!: string;
}

/**
 * not-proved: the proof is not the present key's. refused: too many wrong proofs for this device in the last minute;
 * nothing was evaluated. unknown-key: the reference is not one of this HSM's.
 */
export type RekeyReply =
  /** `seal`: HMAC under the present key: see rekeySealMessage of libs/pairing */
  | ({ kind: 'made'; seal: string } & ProvisionReply)
  | { kind: 'not-proved' }
  | { kind: 'refused'; retryAfterMs: number }
  | { kind: 'unknown-key' };

/** Signs how a device stands, for whoever drew the challenge. The key service builds the message itself. */
export class AttestationRequest implements KeyLabel {
  @TenantName()
  tenant!: string;

  @AccountIdField()
  account!: string;

  @DeviceIdField()
  device!: string;

  @Epoch()
  epoch!: number;

  @OneOf(DEVICE_STATUSES)
  status!: DeviceStatus;

  @Bytes(32)
  challenge!: string;

  /** ms since 1970 */
  @Whole(0, Number.MAX_SAFE_INTEGER)
  at!: number;
}

export interface AttestationReply {
  /** Ed25519 by the identity key: see attestationMessage of libs/pairing */
  signature: string;
}

/** A seed that the asking client wrapped to the HSM's import key. */
export class WrappedSeedItem extends LabelledKey {
  @Bytes(24, 136)
  wrapped!: string;
}

/** Takes in seeds that were wrapped from one ephemeral point. */
export class ImportKeyRequest {
  @Bytes(POINT_BYTES)
  point!: string;

  @NestedList(() => WrappedSeedItem, 1, MAX_BATCH)
  seeds!: WrappedSeedItem[];
}

/** unopened: not wrapped to this HSM for exactly these parameters. length: no length of a key of this algorithm. */
export type ImportedKey = { kind: 'imported'; reference: string } | { kind: 'unopened' } | { kind: 'length' };

export interface ImportKeyReply {
  /** in the order of the seeds */
  results: ImportedKey[];
}

/** Signs a tree head; the key service builds the checkpoint note itself. */
export class SignRequest {
  @Whole(0, Number.MAX_SAFE_INTEGER)
  size!: number;

  /** SHA-256 root hash */
  @Bytes(32)
  root!: string;
}

export interface SignReply {
  /** a C2SP signed note */
  note: string;
}

export class ReceiptItem implements KeyLabel {
  @TenantName()
  tenant!: string;

  @AccountIdField()
  account!: string;

  @DeviceIdField()
  device!: string;

  @Epoch()
  epoch!: number;

  @Whole(0, MAX_COUNTER + MAX_RANGE)
  counter!: number;

  @Bytes(16, 64)
  receipt!: string;

  /** what an OCRA device's response answered; absent: it was its first code */
  @Optional()
  @ChallengeIdField()
  challenge?: string;

  /** SHA-256 of the transaction that was signed */
  @Optional()
  @Bytes(32)
  transaction?: string;
}

/** Whether receipts are the HSM's: of devices' codes, of challenges' codes, or of both. */
export class CheckRequest {
  @Optional()
  @NestedList(() => ReceiptItem, 1, MAX_BATCH)
  receipts?: ReceiptItem[];

  @Optional()
  @NestedList(() => ChallengeReceiptItem, 1, MAX_BATCH)
  challenges?: ChallengeReceiptItem[];
}

export interface CheckReply {
  /** in the order of the receipts */
  valid: boolean[];
  /** in the order of the challenges' receipts */
  validChallenges: boolean[];
}

/** What key-derivation's ceremony publishes: public keys, and check values of the masters to be pinned. */
export interface PublicKeys {
  /** Ed25519, 32 bytes, base64url: signs enrolment transcripts; clients pin it */
  identity: string;
  /** Ed25519, 32 bytes, base64url: signs checkpoints */
  audit: string;
  /** P-256 point that imports are wrapped to, and the identity key's signature over it */
  import: { point: string; signature: string };
  /** by name and version of the master, e.g. `devices-1`: hex */
  checkValues: Record<string, string>;
}

export function isPublicKeys(value: unknown): value is PublicKeys {
  const keys = value as PublicKeys | null;
  return (
    typeof keys === 'object' &&
    keys !== null &&
    typeof keys.identity === 'string' &&
    typeof keys.audit === 'string' &&
    typeof keys.import?.point === 'string' &&
    typeof keys.import.signature === 'string' &&
    typeof keys.checkValues === 'object' &&
    keys.checkValues !== null
  );
}
