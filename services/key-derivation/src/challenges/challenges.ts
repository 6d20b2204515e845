import { timingSafeEqual } from 'node:crypto';
import type { ChallengeItem, IssueReply, IssueRequest, RedeemReply, RedeemRequest } from '@countersign/contracts';
import { toBase64url } from '@countersign/pairing';
import { sealCode } from '@countersign/sealing';
import { HsmTrouble } from '../driver/hsm-driver.js';
import type { HsmDriver } from '../driver/hsm-driver.js';
import { challengeReceiptMessage } from '../driver/labels.js';
import type { GuessLimits } from '../limits/guess-limits.js';
import { challengeCode, challengeMessage } from './code.js';
import type { Recipients } from './recipients.js';

/** Codes of challenges: computed when they are issued and again when they are redeemed, and in between nowhere. */
export class Challenges {
  constructor(
    private readonly hsm: HsmDriver,
    private readonly limits: GuessLimits,
    private readonly recipients: Recipients,
  ) {}

  /** Seals to nobody but whom the configuration pins. Throws HsmTrouble, and UNAVAILABLE when that cannot be read. */
  async issue(request: IssueRequest): Promise<IssueReply> {
    const recipient = this.recipients.find(request.recipient, request.tenant);
    if (!recipient) return { kind: 'unknown-recipient' };
    const sealed = await sealCode(recipient, request, await this.code(request));
    return { kind: 'issued', sealed: toBase64url(sealed) };
  }

  /** Always the same work, the receipt too. Throws HsmTrouble; the guess then does not count. */
  async redeem(request: RedeemRequest): Promise<RedeemReply> {
    const admission = this.limits.admitChallenge(request);
    if (admission.kind === 'refused') return admission;
    let answer: RedeemReply | undefined;
    try {
      const fits = same(await this.code(request), request.code);
      const [receipt] = await this.hsm.receipts([challengeReceiptMessage(request)]);
      answer = fits ? { kind: 'match', receipt: toBase64url(receipt!) } : { kind: 'none' };
      return answer;
    } finally {
      if (answer?.kind !== 'none') admission.forgive();
    }
  }

  private async code(item: ChallengeItem): Promise<string> {
    const answer = await this.hsm.mac({ kind: 'challenges', tenant: item.tenant }, challengeMessage(item));
    if (answer.kind !== 'mac') throw new HsmTrouble('the key of challenges is not to be had');
    return challengeCode(answer.mac, item.form);
  }
}

/** Codes of another length are compared as well: a length is no secret, but the time should not depend on it. */
function same(right: string, given: string): boolean {
  const wide = (code: string): Buffer => Buffer.from(code.padEnd(16, '\0'), 'latin1');
  return timingSafeEqual(wide(right), wide(given));
}
