import { Matches } from '../class-validator.js';
import { Failure } from '../failure.js';
import {
  AccountIdField,
  Bytes,
  ChallengeIdField,
  Nested,
  OneOf,
  Optional,
  RecipientField,
  TenantName,
  VisibleLine,
  Whole,
} from './fields.js';

export const CHALLENGE_NONCE_BYTES = 16;
export const MAX_PURPOSE_LENGTH = 40;
const CONTEXT_BYTES = 32;

export const CODE_KINDS = ['digits', 'letters'] as const;
export type CodeKind = (typeof CODE_KINDS)[number];
/** Letters and digits: how many a challenge's code may have. */
export const CODE_LENGTHS: Record<CodeKind, readonly [least: number, most: number]> = {
  digits: [6, 8],
  letters: [4, 10],
};
/** RFC 8628 section 6.1: consonants alone, so that no word comes out; none is taken for a digit. */
export const CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';

/** What a challenge's code looks like: 6 to 8 digits, or 4 to 10 of CODE_LETTERS. */
export class CodeForm {
  @OneOf(CODE_KINDS)
  kind!: CodeKind;

  @Whole(4, 10)
  length!: number;
}

/** Throws INVALID_ARGUMENT for a length that this kind does not have. */
export function checkCodeForm({ kind, length }: CodeForm): void {
  const [least, most] = CODE_LENGTHS[kind];
  if (length >= least && length <= most) return;
  const problem = `${least} to ${most} for ${kind}`;
  throw new Failure('INVALID_ARGUMENT', `form.length: ${problem}`, { fields: [{ field: 'form.length', problem }] });
}

/** Names one challenge. */
export interface ChallengeLabel {
  tenant: string;
  account: string;
  challenge: string;
}

/** All that a challenge's code is computed from, beside the HSM's master: the code is kept nowhere. */
export class ChallengeItem implements ChallengeLabel {
  @TenantName()
  tenant!: string;

  @AccountIdField()
  account!: string;

  @ChallengeIdField()
  challenge!: string;

  @Optional()
  @VisibleLine(MAX_PURPOSE_LENGTH)
  purpose?: string;

  /** digest of what the challenge is bound to */
  @Bytes(CONTEXT_BYTES)
  context!: string;

  @Bytes(CHALLENGE_NONCE_BYTES)
  nonce!: string;

  @Nested(() => CodeForm)
  form!: CodeForm;
}

/** `issue`: the challenge's code, sealed to a recipient that the key service has pinned. Asked again, the same code. */
export class IssueRequest extends ChallengeItem {
  /** `delivery`, or `<tenant>/<caller>` of the same tenant */
  @RecipientField()
  recipient!: string;
}

/** unknown-recipient: no key is pinned for that name, or it is another tenant's; nothing was computed. */
export type IssueReply =
  /** HPKE (RFC 9180): see sealCode of libs/sealing */
  { kind: 'issued'; sealed: string } | { kind: 'unknown-recipient' };

/** `redeem`: is this the challenge's code? */
export class RedeemRequest extends ChallengeItem {
  @Matches(new RegExp(`^(?:[0-9]{6,8}|[${CODE_LETTERS}]{4,10})$`), { message: '6 to 8 digits, or 4 to 10 letters' })
  code!: string;
}

/**
 * match: `receipt` is the HSM's MAC over (tenant, account, challenge). refused: too many wrong codes for challenges of this
 * account in the last minute; nothing was evaluated.
 */
export type RedeemReply =
  { kind: 'match'; receipt: string } | { kind: 'none' } | { kind: 'refused'; retryAfterMs: number };

export class ChallengeReceiptItem implements ChallengeLabel {
  @TenantName()
  tenant!: string;

  @AccountIdField()
  account!: string;

  @ChallengeIdField()
  challenge!: string;

  @Bytes(16, 64)
  receipt!: string;
}
