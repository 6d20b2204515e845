import { setImmediate } from 'node:timers/promises';
import { DECOY_REFERENCE, MAX_COUNTER, MAX_RANGE, MAX_SHEET_CODES } from '@countersign/contracts';
import type { KeyLabel, MatchItem, MatchResult, OcraItem } from '@countersign/contracts';
import { codeFromMac, recoveryCodeFromMac } from '@countersign/oath';
import type { HsmDriver, KeyUse, Macs } from '../driver/hsm-driver.js';
import { receiptMessage } from '../driver/labels.js';
import type { GuessLimits } from '../limits/guess-limits.js';
import { findCode, findPair } from './find-code.js';
import { OcraExchange } from './ocra.js';

/** A question that was evaluated, without its receipt. */
interface Evaluated {
  kind: 'evaluated';
  item: MatchItem;
  /** the counter; undefined: none, as always for the decoy */
  found: number | undefined;
  forgive: () => void;
}

type Look = Evaluated | Exclude<MatchResult, { kind: 'match' | 'none' }>;

/** Answers questions one after the other, always with the same work: all counters, and a receipt whether or not it is given. */
export class Matching {
  constructor(
    private readonly hsm: HsmDriver,
    private readonly limits: GuessLimits,
  ) {}

  /**
   * Their receipts are made together. `next` is called before each is evaluated, and may throw. Throws HsmTrouble; the guess
   * that met it does not count, for nobody learns anything from it.
   */
  async match(items: readonly MatchItem[], next: () => void = () => undefined): Promise<MatchResult[]> {
    const looks: Look[] = [];
    for (const item of items) {
      next();
      looks.push(await this.look(item));
    }
    const evaluated = looks.filter((look) => look.kind === 'evaluated');
    try {
      const receipts = await this.hsm.receipts(evaluated.map(({ item, found }) => receiptedAs(item, found)));
      return looks.map((look) => (look.kind === 'evaluated' ? answerOf(look, receipts.shift()!) : look));
    } catch (error) {
      for (const { found, forgive } of evaluated) if (found === undefined) forgive(); // the others were forgiven before
      throw error;
    }
  }

  private async look(item: MatchItem): Promise<Look> {
    if (!lawful(item)) return { kind: 'unknown-key' };
    const admission = this.limits.admit(item);
    if (admission.kind === 'refused') return admission;
    const { forgive } = admission;
    let look: Look | undefined;
    try {
      look = await this.evaluate(item, forgive);
      return look;
    } finally {
      if (look?.kind !== 'evaluated' || look.found !== undefined) forgive();
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

  private async evaluate(item: MatchItem, forgive: () => void): Promise<Look> {
    const { from, count, spent = 0, floor, code, next } = item;
    const answer = await this.macs(item, next === undefined ? count : count + 1);
    if (answer.kind === 'unknown-key') return answer;
    const { macs } = answer;
    const shows = showerOf(item);
    const shown =
      next === undefined
        ? findCode(code, { macs, from, shows, spent, floor })
        : findPair(code, next, { macs, from, shows });
    const found = item.reference === DECOY_REFERENCE ? undefined : shown;
    return { kind: 'evaluated', item, found, forgive };
  }
}

const receiptedAs = (item: MatchItem, found: number | undefined): Buffer =>
  receiptMessage(item, found ?? item.from, item.ocra);

const answerOf = ({ found }: Evaluated, receipt: Buffer): MatchResult =>
  found === undefined ? { kind: 'none' } : { kind: 'match', counter: found, receipt: receipt.toString('base64url') };

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
