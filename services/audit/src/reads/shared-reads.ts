import type { Ledger, Message } from '@countersign/ledger';

const REMEMBERED = 1024; // what the log and the watch read one shortly after the other

/** The ledger, for those who all read its newest messages: each is asked for once. A message at a sequence never changes. */
export class SharedReads {
  private readonly reads = new Map<number, Promise<Message | undefined>>();

  constructor(private readonly ledger: Pick<Ledger, 'at' | 'next' | 'lastSequence' | 'assertUsable'>) {}

  at(sequence: number): Promise<Message | undefined> {
    const known = this.reads.get(sequence);
    if (known !== undefined) return known;
    const read = this.ledger.at(sequence);
    this.remember(sequence, read);
    const forget = (): void => void (this.reads.get(sequence) === read && this.reads.delete(sequence));
    read.then((message) => message ?? forget(), forget);
    return read;
  }

  next(sequence: number, filter: string): Promise<Message | undefined> {
    return this.ledger.next(sequence, filter);
  }

  lastSequence(): Promise<number> {
    return this.ledger.lastSequence();
  }

  assertUsable(): void {
    this.ledger.assertUsable();
  }

  private remember(sequence: number, read: Promise<Message | undefined>): void {
    this.reads.set(sequence, read);
    if (this.reads.size > REMEMBERED) this.reads.delete(this.reads.keys().next().value as number);
  }
}
