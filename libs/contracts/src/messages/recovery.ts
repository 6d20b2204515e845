import { Matches } from '../class-validator.js';
import type { NewKeyReply } from './enrollment.js';
import { AccountName, Bytes } from './fields.js';
import { POINT_BYTES } from './keys.js';
import { RECOVERY_CODE_LENGTH, type RecoveryProfile } from './profile.js';
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

/** As people type it: either case, blanks and dashes anywhere, o for 0 and i or l for 1. Never a u. */
const TYPED = /^(?=.{10,40}$)(?:[ -]*[0-9A-TV-Za-tv-z]){10}[ -]*$/;

/** `recover`: does this code of a recovery sheet open this account? */
export class RecoverRequest extends AttemptFields {
  /** one of the account's names */
  @AccountName()
  account!: string;

  /** as it stands on the sheet, or as people type it */
  @Matches(TYPED, { message: `${RECOVERY_CODE_LENGTH} letters and digits of a recovery sheet, never u` })
  code!: string;
}

/** The one form of a code that RecoverRequest takes. */
export const plainRecoveryCode = (typed: string): string =>
  typed.toLowerCase().replace(/[ -]/g, '').replaceAll('o', '0').replace(/[il]/g, '1');
