import { Matches } from '../class-validator.js';
import { TENANT_PATTERN } from '../names.js';
import {
  AccountIdField,
  AccountName,
  DeviceIdField,
  Optional,
  RecipientField,
  SheetCode,
  TenantName,
  Whole,
} from './fields.js';
import { MAX_SHEET_CODES } from './profile.js';
import { AttemptFields } from './verdict.js';
import type { AccountIdText, Base64url, Count, DeviceIdText, Sequence, UnixMs } from './units.js';

export const MAX_SHEET_DAYS = 366;

/** `sheet.issue`: codes for somebody who will be offline, each good once, until they end or are revoked together. */
export class IssueSheetRequest {
  /** one of the account's names */
  @AccountName()
  account!: string;

  /** codes on it */
  @Whole(1, MAX_SHEET_CODES)
  count!: Count;

  /** how long they are good */
  @Whole(1, MAX_SHEET_DAYS)
  days!: Count;

  /** who will open it: one of the tenant's recipients that the key service has pinned; default: the caller that asks */
  @Optional()
  @Matches(TENANT_PATTERN, { message: 'the name of a recipient: a-z, 0-9, -, at most 32' })
  recipient?: string;
}

export interface IssueSheetReply {
  /** whose account it is: a part of what the seal is bound to */
  tenant: string;
  account: AccountIdText;
  /** a sheet is a device of the account */
  device: DeviceIdText;
  /** whose key it is sealed to */
  recipient: string;
  /** HPKE (RFC 9180): `openSheet` of libs/sealing opens it */
  sealed: Base64url;
  codes: Count;
  expiresAt: UnixMs;
  /** the ledger sequence of the event that says so */
  sequence: Sequence;
}

/** `sheet.verify`: is this one of the codes? */
export class VerifySheetRequest extends AttemptFields {
  /** one of the account's names */
  @AccountName()
  account!: string;

  /** as it stands on the sheet, or as people type it */
  @SheetCode()
  code!: string;

  /** only this sheet */
  @Optional()
  @DeviceIdField()
  device?: string;
}

/** Makes a sheet's key and its codes, and seals them to a recipient that the key service has pinned. The key never leaves. */
export class MakeSheetRequest {
  @TenantName()
  tenant!: string;

  @AccountIdField()
  account!: string;

  @DeviceIdField()
  device!: string;

  @Whole(1, MAX_SHEET_CODES)
  codes!: number;

  @RecipientField()
  recipient!: string;
}

/** unknown-recipient: no key is pinned for that name, or it is another tenant's; nothing was made. */
export type MakeSheetReply = { kind: 'made'; reference: string; sealed: string } | { kind: 'unknown-recipient' };
