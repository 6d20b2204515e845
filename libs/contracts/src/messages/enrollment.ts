import { ArrayUnique, IsBoolean } from '../class-validator.js';
import type { FailureBody } from '../failure.js';
import {
  AccountIdField,
  AccountName,
  Bytes,
  DeviceIdField,
  Epoch,
  ListOf,
  NestedList,
  OneOf,
  Optional,
} from './fields.js';
import { MAX_BATCH, POINT_BYTES } from './keys.js';
import { NewDeviceRequest } from './new-device.js';
import { ProfileFields, type DeviceStatus, type KeyProfile, type Profile } from './profile.js';
import type { AccountIdText, Base64url, Count, DeviceIdText, Sequence, UnixMs } from './units.js';

export const MAX_NAMES = 8;
export const MAX_DEVICES = 16;

/** `account.create`: a new account under one or more names. */
export class CreateAccountRequest {
  @ListOf(1, MAX_NAMES)
  @ArrayUnique({ message: 'names without repetition' })
  @AccountName({ each: true })
  names!: string[];
}

export interface CreateAccountReply {
  /** the account's random id */
  id: AccountIdText;
  sequence: Sequence;
}

export class AccountRequest {
  @AccountName()
  account!: string;
}

/** `account.names`: what an account is called; with `add` or `remove`, changed first. */
export class AccountNamesRequest {
  /** any of its names */
  @AccountName()
  account!: string;

  @Optional()
  @ListOf(1, MAX_NAMES)
  @ArrayUnique({ message: 'names without repetition' })
  @AccountName({ each: true })
  add?: string[];

  @Optional()
  @ListOf(1, MAX_NAMES)
  @ArrayUnique({ message: 'names without repetition' })
  @AccountName({ each: true })
  remove?: string[];
}

export interface AccountNamesReply {
  id: AccountIdText;
  /** all of them, in their one form, sorted */
  names: string[];
  /** the account's last event */
  sequence: Sequence;
}

export interface DeviceView {
  device: DeviceIdText;
  status: DeviceStatus;
  epoch: Count;
  /** how it makes its codes */
  profile: KeyProfile;
  /** judged only when a request names it */
  namedOnly: boolean;
  /** of a sheet: codes that are good still */
  codesLeft?: Count;
  /** when a pending device stops waiting for its first code, or a sheet ends, ms since 1970 */
  expiresAt?: UnixMs;
  /** it is active with the first code that any verification accepts */
  firstUse?: true;
  /** its key has served as long as the tenant's policy lets it */
  rekeyDue?: true;
  /** a key that waits for its first code: until then the present one works, from then on only this one */
  next?: { epoch: Count; expiresAt: UnixMs };
}

export interface AccountReply {
  id: AccountIdText;
  sequence: Sequence;
  devices: DeviceView[];
  /** wrong codes since the last accepted one, by budget; `closedUntil` in ms since 1970, or 'operator' */
  budgets: Record<'known' | 'unknown', { wrong: Count; closedUntil?: UnixMs | 'operator' }>;
  /** its history is contradictory; nothing is accepted */
  frozen: boolean;
}

export interface DeviceListReply {
  id: AccountIdText;
  devices: DeviceView[];
}

/** `enroll.exchange`: a new device; its key comes back wrapped for the holder of `point` alone. */
export class ExchangeRequest extends NewDeviceRequest {
  /** the device's ephemeral P-256 point, uncompressed: 65 bytes beginning 04 */
  @Bytes(POINT_BYTES)
  point!: string;
}

/** A key that the HSM made and wrapped for the holder of one point. */
export interface NewKeyReply {
  /** the asker's: a part of the transcript */
  tenant: string;
  /** the account's id: a part of the transcript */
  account: AccountIdText;
  device: DeviceIdText;
  epoch: Count;
  profile: KeyProfile;
  /** the HSM's ephemeral P-256 point, uncompressed */
  point: Base64url;
  /** AES-KWP (RFC 5649) of the key under the exchange's key-encryption key */
  wrapped: Base64url;
  /** bytes of the key: the receiver cuts what it unwraps to this many */
  keyLength: Count;
  /** Ed25519 by the identity key over the transcript and the wrapped key */
  signature: Base64url;
  sequence: Sequence;
}

export interface ExchangeReply extends NewKeyReply {
  profile: Profile;
  /** the device stays pending until its first code is confirmed, at the latest then (ms since 1970) */
  expiresAt: UnixMs;
}

/** `device.import.key`: what an importing client wraps seeds to. */
export class ImportKeyQuery {}

export interface ImportKeyAnswer {
  /** P-256, uncompressed, base64url */
  point: Base64url;
  /** Ed25519 by the identity key, which the client pins */
  signature: Base64url;
}

/** `device.import`: an existing seed, wrapped by the asking client to the HSM. */
export class ImportRequest extends NewDeviceRequest {
  /** the id that the client asked for: drawn by it, since it is a part of what it wrapped to */
  @DeviceIdField()
  device!: string;

  @Bytes(POINT_BYTES)
  point!: string;

  @Bytes(24, 136)
  wrapped!: string;

  /**
   * true: active at once, without a first code. first-use: with the first code that any verification accepts. false: its
   * first code is confirmed. Without it as the policy says in `onImport`
   */
  @Optional()
  @OneOf([true, false, 'first-use'])
  activate?: boolean | 'first-use';
}

export interface ImportReply {
  device: DeviceIdText;
  status: DeviceStatus;
  expiresAt?: UnixMs;
  sequence: Sequence;
}

/** A device that is to be imported, and whose. */
export class DeviceToImport {
  /** made when it is not there */
  @AccountName()
  account!: string;

  /** made from the token's serial, so that asking again finds it */
  @DeviceIdField()
  device!: string;
}

/** `device.import.begin`: whose accounts many devices are for, and which of them are there already. */
export class BeginImportRequest {
  @NestedList(() => DeviceToImport, 1, MAX_BATCH)
  devices!: DeviceToImport[];
}

/**
 * new: wrap its seed for this account and epoch. there: it was imported before. failed: this one cannot be imported, or
 * not now.
 */
export type BegunImport =
  | { kind: 'new'; account: AccountIdText; epoch: Count }
  | { kind: 'there'; account: AccountIdText; status: DeviceStatus; sequence: Sequence }
  | { kind: 'failed'; failure: FailureBody };

export interface BeginImportReply {
  /** what seeds are wrapped to: P-256, uncompressed */
  point: Base64url;
  /** Ed25519 over the point by the identity key, which the client pins */
  signature: Base64url;
  /** in the order of the devices */
  devices: BegunImport[];
}

/** One device of a batch; its seed is wrapped from the batch's point. */
export class BatchedImport extends ProfileFields {
  /** the account's, as `device.import.begin` said */
  @AccountIdField()
  id!: string;

  @DeviceIdField()
  device!: string;

  /** as `device.import.begin` said: 1, unless an import was interrupted or has ended */
  @Epoch()
  epoch!: Count;

  @Bytes(24, 136)
  wrapped!: string;
}

/** `device.import.batch`: many seeds at once, each wrapped for its own device. */
export class ImportBatchRequest {
  /** the client's ephemeral P-256 point, uncompressed: drawn for this batch */
  @Bytes(POINT_BYTES)
  point!: string;

  @NestedList(() => BatchedImport, 1, MAX_BATCH)
  devices!: BatchedImport[];

  /** as in `device.import`, for all of them */
  @Optional()
  @OneOf([true, false, 'first-use'])
  activate?: boolean | 'first-use';

  @Optional()
  @IsBoolean({ message: 'true or false' })
  namedOnly?: boolean;
}

/** there: another one was faster. failed: nothing of this device counts. */
export type BatchedReply =
  | { kind: 'imported'; status: DeviceStatus; expiresAt?: UnixMs; sequence: Sequence }
  | { kind: 'there'; status: DeviceStatus; sequence: Sequence }
  | { kind: 'failed'; failure: FailureBody };

export interface ImportBatchReply {
  /** in the order of the devices */
  devices: BatchedReply[];
}

/** `device.disable`, `device.enable`, `device.revoke`. */
export class DeviceRequest {
  @AccountName()
  account!: string;

  @DeviceIdField()
  device!: string;
}

export interface DeviceReply {
  device: DeviceIdText;
  status: DeviceStatus;
  sequence: Sequence;
}
