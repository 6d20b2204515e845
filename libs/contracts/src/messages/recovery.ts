import type { NewKeyReply } from './enrollment.js';
import { AccountName, Bytes, SheetCode } from './fields.js';
import { POINT_BYTES } from './keys.js';
import type { RecoveryProfile } from './profile.js';
import { AttemptFields } from './verdict.js';

/** `recovery.issue`: a sheet of ten codes, each good once; the account's former sheet ends with it. */
export class IssueRecoveryRequest {
  @AccountName()
  account!: string;

  /** the ephemeral P-256 point of whoever will print the sheet, uncompressed: 65 bytes beginning 04 */
  @Bytes(POINT_BYTES)
  point!: string;
}

export interface IssueRecoveryReply extends NewKeyReply {
  profile: RecoveryProfile;
}

/** `recover`: does this code of a recovery sheet open this account? */
export class RecoverRequest extends AttemptFields {
  /** one of the account's names */
  @AccountName()
  account!: string;

  /** as it stands on the sheet, or as people type it */
  @SheetCode()
  code!: string;
}

/** The one form of a code of a sheet, however it was typed. */
export const plainSheetCode = (typed: string): string =>
  typed.toLowerCase().replace(/[ -]/g, '').replaceAll('o', '0').replace(/[il]/g, '1');
