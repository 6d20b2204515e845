import { setImmediate } from 'node:timers/promises';
import { DECOY_REFERENCE, MAX_COUNTER, MAX_RANGE, MAX_SHEET_CODES } from '@countersign/contracts';
import type { MatchItem, MatchResult } from '@countersign/contracts';
import { codeFromMac, recoveryCodeFromMac } from '@countersign/oath';
import type { HsmDriver, KeyUse, Macs } from '../driver/hsm-driver.js';
import { receiptMessage } from '../driver/labels.js';
import type { GuessLimits } from '../limits/guess-limits.js';
import { findCode, findPair } from './find-code.js';

/** Answers one question at a time, always with the same work: all counters, and a receipt whether or not it is given. */
export class Matching {
  constructor(
    private readonly hsm: HsmDriver,
    private readonly limits: GuessLimits,
  ) {}

  /** Throws HsmTrouble; the guess then does not count, for nobody learns anything from it. */
  async match(item: MatchItem): Promise<MatchResult> {
    if (!lawful(item)) return { kind: 'unknown-key' };
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

  /** A range at a time, so that a long one does not hold up other people's sign-ins. */
  private async macs(item: MatchItem, count: number): Promise<Macs> {
    const macs: Buffer[] = [];
    for (let done = 0; done < count; done += MAX_RANGE) {
      if (done > 0) await setImmediate();
      const answer = await this.hsm.macs(keyOf(item), item.from + done, Math.min(MAX_RANGE, count - done));
      if (answer.kind === 'unknown-key') return answer;
      macs.push(...answer.macs);
    }
    return { kind: 'macs', macs };
  }

  private async evaluate(item: MatchItem): Promise<MatchResult> {
    const { from, count, digits, format, spent = 0, floor, code, next } = item;
    const answer = await this.macs(item, next === undefined ? count : count + 1);
    if (answer.kind === 'unknown-key') return answer;
    const { macs } = answer;
    const shows = (mac: Uint8Array): string =>
      format === 'recovery' ? recoveryCodeFromMac(mac) : codeFromMac(mac, digits);
    const found =
      next === undefined
        ? findCode(code, { macs, from, shows, spent, floor })
        : findPair(code, next, { macs, from, shows });
    const receipt = await this.hsm.receipt(receiptMessage(item, found ?? from));
    const decoy = item.reference === DECOY_REFERENCE;
    if (found === undefined || decoy) return { kind: 'none' };
    return { kind: 'match', counter: found, receipt: receipt.toString('base64url') };
  }
}

/** Only two codes in a row, or the long ones of a sheet, may be looked for in a long range, and no counter beyond the largest; none spent is acceptable. */
function lawful({ from, count, spent = 0, floor, format, next }: MatchItem): boolean {
  if (spent > floor) return false;
  return next === undefined
    ? count <= (format === 'recovery' ? MAX_SHEET_CODES : MAX_RANGE)
    : from + count <= MAX_COUNTER + 1 + MAX_RANGE;
}

function keyOf({ reference, tenant, account, device, epoch, algorithm }: MatchItem): KeyUse {
  if (reference === DECOY_REFERENCE) return { kind: 'decoy', tenant, algorithm };
  return { kind: 'device', reference, label: { tenant, account, device, epoch, algorithm } };
}
