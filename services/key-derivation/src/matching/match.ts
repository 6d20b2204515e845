import { DECOY_REFERENCE } from '@countersign/contracts';
import type { MatchItem, MatchResult } from '@countersign/contracts';
import type { HsmDriver, KeyUse } from '../driver/hsm-driver.js';
import { receiptMessage } from '../driver/labels.js';
import type { GuessLimits } from '../limits/guess-limits.js';
import { findCode } from './find-code.js';

/** Answers one question at a time, always with the same work: all counters, and a receipt whether or not it is given. */
export class Matching {
  constructor(
    private readonly hsm: HsmDriver,
    private readonly limits: GuessLimits,
  ) {}

  /** Throws HsmTrouble; the guess then does not count, for nobody learns anything from it. */
  async match(item: MatchItem): Promise<MatchResult> {
    const admission = this.limits.admit(item);
    if (admission.kind === 'refused') return admission;
    let result: MatchResult | undefined;
    try {
      result = await this.evaluate(item);
      return result;
    } finally {
      if (result?.kind !== 'none') admission.forgive();
    }
  }

  private async evaluate(item: MatchItem): Promise<MatchResult> {
    const { from, count, digits, floor } = item;
    const answer = await this.hsm.macs(keyOf(item), from, count);
    if (answer.kind === 'unknown-key') return answer;
    const found = findCode(item.code, { macs: answer.macs, from, digits, floor });
    const receipt = await this.hsm.receipt(receiptMessage(item, found ?? from));
    const decoy = item.reference === DECOY_REFERENCE;
    if (found === undefined || decoy) return { kind: 'none' };
    return { kind: 'match', counter: found, receipt: receipt.toString('base64url') };
  }
}

function keyOf({ reference, tenant, account, device, epoch, algorithm }: MatchItem): KeyUse {
  if (reference === DECOY_REFERENCE) return { kind: 'decoy', tenant, algorithm };
  return { kind: 'device', reference, label: { tenant, account, device, epoch, algorithm } };
}
