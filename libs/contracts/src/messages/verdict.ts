import { AccountIdField, AccountName, Code, DeviceIdField, Optional, Origin, RequestId } from './fields.js';
import type { AccountIdText, Count, DeviceIdText, Milliseconds, Sequence, UnixMs } from './units.js';

/** What every question about a code may say besides. */
export class AttemptFields {
  /** makes a retry safe: the same id with the same code gets the same verdict for 60 s, from any replica */
  @Optional()
  @RequestId()
  requestId?: string;

  /** where the person comes from (a device cookie's hash); one accepted in the last 30 days has a budget of its own */
  @Optional()
  @Origin()
  origin?: string;
}

/** `verify`: does this code open this account? */
export class VerifyRequest extends AttemptFields {
  /** one of the account's names */
  @AccountName()
  account!: string;

  @Code()
  code!: string;

  /** judge this device only; needed for devices that are named only */
  @Optional()
  @DeviceIdField()
  device?: string;
}

/**
 * `device.confirm`: the first code of a pending device; accepted, it activates the device and is spent. Either `account`
 * or `id` says whose device it is.
 */
export class ConfirmRequest extends AttemptFields {
  /** one of the account's names */
  @Optional()
  @AccountName()
  account?: string;

  /** the account's id, for a device that knows no name */
  @Optional()
  @AccountIdField()
  id?: string;

  @DeviceIdField()
  device!: string;

  @Code()
  code!: string;
}

/** `resync`: two codes in a row of an HOTP device that was used elsewhere too often; accepted, both are spent. */
export class ResyncRequest extends AttemptFields {
  @AccountName()
  account!: string;

  @DeviceIdField()
  device!: string;

  @Code()
  code!: string;

  /** the code that the device showed next */
  @Code()
  nextCode!: string;
}

export const REJECTIONS = ['wrong_code', 'replayed', 'locked', 'disabled', 'frozen'] as const;

/**
 * wrong_code: no eligible device shows it now. replayed: it was accepted before. locked: too many wrong codes; looks the
 * same whether this one was right. disabled: no active device. frozen: the account's history forked; an operator looks.
 */
export type Rejection = (typeof REJECTIONS)[number];

/** The answer to `verify`, `device.confirm`, `resync` and `recover`. */
export interface Verdict {
  verdict: 'accepted' | 'rejected';
  /** only when rejected */
  reason?: Rejection;
  /** the device that showed the code; only when accepted or replayed */
  device?: DeviceIdText;
  /** wrong codes left before this budget makes everybody wait; with wrong_code, replayed and locked */
  attemptsLeft?: Count;
  /** ask again no sooner; when the budget is closed: with locked, and with the wrong code that closed it */
  retryAfterMs?: Milliseconds;
  /** the ledger sequence of the event that says so */
  sequence: Sequence;
  /** when it was judged, ms since 1970 UTC */
  at: UnixMs;
  /** this verdict was given before, to the same requestId */
  repeated?: true;
}

/** `account.unlock`: an operator reopens both budgets. */
export class UnlockRequest {
  @AccountName()
  account!: string;
}

export interface UnlockReply {
  account: AccountIdText;
  sequence: Sequence;
}
