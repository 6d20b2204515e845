import type { Message } from '@countersign/ledger';

/** A ledger in memory for tests of what reads by sequence: an event a second, from sequence 1 on. */
export class ListLedger {
  readonly messages: (Message | undefined)[] = [];
  reads = 0;

  /** Adds an event; its sequence. `storedAt`: ms since 1970. */
  add(subject: string, event: object, storedAt = (this.messages.length + 1) * 1000): number {
    const sequence = this.messages.length + 1;
    this.messages.push({ subject, sequence, storedAt, data: Buffer.from(JSON.stringify(event)) });
    return sequence;
  }

  /** As a prefix that was archived and purged. */
  purgeBefore(sequence: number): void {
    for (let index = 0; index < sequence - 1; index += 1) this.messages[index] = undefined;
  }

  lastSequence(): Promise<number> {
    return Promise.resolve(this.messages.length);
  }

  at(sequence: number): Promise<Message | undefined> {
    this.reads += 1;
    return Promise.resolve(this.messages[sequence - 1]);
  }

  next(sequence: number, filter: string): Promise<Message | undefined> {
    this.reads += 1;
    const pattern = new RegExp(`^${filter.replace(/\./g, '\\.').replace(/\*/g, '[^.]+').replace(/>/g, '.+')}$`);
    return Promise.resolve(
      this.messages.slice(sequence - 1).find((message) => message && pattern.test(message.subject)),
    );
  }
}
