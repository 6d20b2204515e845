import type { Message } from '@countersign/ledger';
import { Remembered } from '../reads/remembered.js';

/** Reading by sequence, as much as is needed here. */
export interface Steps {
  at(sequence: number): Promise<Message | undefined>;
  next(sequence: number, filter: string): Promise<Message | undefined>;
}

/** An event and the sequence that it says it follows. */
export interface Step {
  subject: string;
  sequence: number;
  after: number;
}

/**
 * whole: the event follows the one it names. fork: `rival` came between, so that two events followed the same one, or
 * this one was appended without a comparison.
 */
export type Link = { kind: 'whole' } | { kind: 'fork'; rival: number };

const REMEMBERED = 20_000; // subjects; about 4 MB

/**
 * Checks that each event on a subject follows the one before it. Sees the events in the order of the ledger; remembers
 * the last sequence of the subjects seen most recently, and reads the named predecessor of the others.
 */
export class Chain {
  private readonly lastSeen: Remembered<string, number>;

  constructor(
    private readonly ledger: Steps,
    remembered = REMEMBERED,
  ) {
    this.lastSeen = new Remembered(remembered);
  }

  /** Throws UNAVAILABLE; the same step can then be asked about again. */
  async link(step: Step): Promise<Link> {
    const { subject, sequence, after } = step;
    const seen = this.lastSeen.get(subject);
    const link: Link = seen !== undefined && seen === after ? { kind: 'whole' } : await this.look(step, seen);
    this.lastSeen.set(subject, sequence);
    return link;
  }

  private async look({ subject, sequence, after }: Step, seen: number | undefined): Promise<Link> {
    if (after >= sequence) return { kind: 'fork', rival: seen ?? after };
    const first = await this.ledger.next(after + 1, subject); // the event that rightly follows the named one
    if (first !== undefined && first.sequence < sequence) return { kind: 'fork', rival: first.sequence };
    if (after === 0) return { kind: 'whole' };
    const named = await this.ledger.at(after);
    return named === undefined || named.subject === subject ? { kind: 'whole' } : { kind: 'fork', rival: after };
  }
}
