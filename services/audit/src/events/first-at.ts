import type { Message } from '@countersign/ledger';

/** Reading by sequence, as much as is needed here. */
export interface BySequence {
  next(sequence: number, filter: string): Promise<Message | undefined>;
  lastSequence(): Promise<number>;
}

/** Clocks of servers that led the ledger one after the other differ by less (more than 5 s is refused everywhere). */
export const SKEW_MS = 10_000;

/**
 * A sequence from which on nothing is missed that was stored at or after `since` (ms since 1970): by halving, about 20
 * reads in a million. Stored times grow with sequences but for the servers' clocks, so it starts SKEW_MS early; the
 * reader still looks at each event's own time.
 */
export async function firstAt(ledger: BySequence, since: number): Promise<number> {
  let low = 1;
  let high = (await ledger.lastSequence()) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const message = await ledger.next(middle, 'ledger.>');
    if (message === undefined || message.storedAt >= since - SKEW_MS) high = middle;
    else low = message.sequence + 1;
  }
  return low;
}
