import { setImmediate } from 'node:timers/promises';
import { DECOY_REFERENCE, MAX_COUNTER, MAX_RANGE, MAX_SHEET_CODES } from '@countersign/contracts';
import type { KeyLabel, MatchItem, MatchResult, OcraItem } from '@countersign/contracts';
import { codeFromMac, recoveryCodeFromMac } from '@countersign/oath';
import type { HsmDriver, KeyUse, Macs } from '../driver/hsm-driver.js';
import { receiptMessage } from '../driver/labels.js';
import type { GuessLimits } from '../limits/guess-limits.js';
import { findCode, findPair } from './find-code.js';
import { OcraExchange } from './ocra.js';

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
    if (item.ocra !== undefined) return this.responses(item.ocra, item, count);
    const macs: Buffer[] = [];
    for (let done = 0; done < count; done += MAX_RANGE) {
      if (done > 0) await setImmediate();
      const answer = await this.hsm.macs(keyOf(item), item.from + done, Math.min(MAX_RANGE, count - done));
      if (answer.kind === 'unknown-key') return answer;
      macs.push(...answer.macs);
    }
    return { kind: 'macs', macs };
  }

  private async responses(ocra: OcraItem, item: MatchItem, count: number): Promise<Macs> {
    const macs: Buffer[] = [];
    for (const message of new OcraExchange(item, ocra).messages(item.from, count)) {
      const answer = await this.hsm.mac(keyOf(item), message);
      if (answer.kind === 'unknown-key') return answer;
      macs.push(answer.mac);
    }
    return { kind: 'macs', macs };
  }

  private async evaluate(item: MatchItem): Promise<MatchResult> {
    const { from, count, spent = 0, floor, code, next } = item;
    const answer = await this.macs(item, next === undefined ? count : count + 1);
    if (answer.kind === 'unknown-key') return answer;
    const { macs } = answer;
    const shows = showerOf(item);
    const found =
      next === undefined
        ? findCode(code, { macs, from, shows, spent, floor })
        : findPair(code, next, { macs, from, shows });
    const receipt = await this.hsm.receipt(receiptMessage(item, found ?? from, item.ocra));
    const decoy = item.reference === DECOY_REFERENCE;
    if (found === undefined || decoy) return { kind: 'none' };
    return { kind: 'match', counter: found, receipt: receipt.toString('base64url') };
  }
}

/** The code that a MAC shows. */
function showerOf({ ocra, format, digits, ...label }: MatchItem): (mac: Uint8Array) => string {
  if (ocra !== undefined) return new OcraExchange(label, ocra).shows;
  return format === 'recovery' ? recoveryCodeFromMac : (mac) => codeFromMac(mac, digits);
}

/** Only two codes in a row, or the long ones of a sheet, may be looked for in a long range, and no counter beyond the largest; none spent is acceptable. */
function lawful(item: MatchItem): boolean {
  const { from, count, spent = 0, floor, format, next, ocra } = item;
  if (spent > floor) return false;
  if (ocra !== undefined && (next !== undefined || new OcraExchange(item, ocra).unfit !== undefined)) return false;
  return next === undefined
    ? count <= (format === 'recovery' ? MAX_SHEET_CODES : MAX_RANGE)
    : from + count <= MAX_COUNTER + 1 + MAX_RANGE;
}

/** Which key a question is about. */
export function keyOf({ reference, tenant, account, device, epoch, algorithm, ocra }: Asked): KeyUse {
  if (reference === DECOY_REFERENCE) return { kind: 'decoy', tenant, algorithm };
  const label = { tenant, account, device, epoch, algorithm };
  if (ocra === undefined) return { kind: 'device', reference, label };
  const { suite, platformSuite } = ocra;
  const suites = { suite, ...(platformSuite !== undefined && { platformSuite }) };
  return { kind: 'device', reference, label: { ...label, ocra: suites } };
}

type Asked = Pick<MatchItem, 'reference' | 'algorithm' | 'ocra' | keyof KeyLabel>;
