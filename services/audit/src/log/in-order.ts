import type { Message } from '@countersign/ledger';
import { Doubt } from '../alarms/doubt.js';

const AHEAD = 256; // reads under way: each takes a round trip, and 10,000 a second have to come

/** The ledger's messages from sequence `from` to `to`. Throws UNAVAILABLE, and Doubt where a sequence is gone. */
export async function* inOrder(
  ledger: { at(sequence: number): Promise<Message | undefined> },
  from: number,
  to: number,
): AsyncGenerator<Message, void> {
  const reads: Promise<Message | undefined>[] = [];
  const ask = (sequence: number): void => {
    const read = ledger.at(sequence);
    read.catch(() => undefined); // it is told when its turn comes, if anybody still reads on
    reads.push(read);
  };
  for (let next = from; next < Math.min(to + 1, from + AHEAD); next += 1) ask(next);
  for (let sequence = from; sequence <= to; sequence += 1) {
    const message = await reads.shift();
    if (message === undefined) throw new Doubt('GAP', sequence, 'a sequence of the ledger is gone');
    if (sequence + AHEAD <= to) ask(sequence + AHEAD);
    yield message;
  }
}
