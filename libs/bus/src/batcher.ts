import { Failure } from '@countersign/contracts';

export interface BatcherOptions<Item> {
  /** items in one call; default 64 */
  maxItems?: number;
  /** bytes in one call by `sizeOf`; default 60 KiB, which leaves room for the envelope in a 64 KiB message */
  maxBytes?: number;
  /** bytes of one item on the wire; default 0, for items so small that `maxItems` is the only limit */
  sizeOf?: (item: Item) => number;
  /** calls at a time; default 2: one on the wire while the next is being made ready */
  inflight?: number;
}

interface Waiting<Item, Result> {
  item: Item;
  bytes: number;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Coalesces items into calls of `send(items)`, which gives one result an item, in the same order.
 *
 * A lone item waits for nothing: it leaves at the end of the current turn of the event loop. Under load, what waits
 * when a call returns goes in one message. A call that fails rejects its own items only.
 */
export class Batcher<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private active = 0;
  private scheduled = false;
  private readonly maxItems: number;
  private readonly maxBytes: number;
  private readonly sizeOf: (item: Item) => number;
  private readonly inflight: number;

  constructor(
    private readonly send: (items: Item[]) => Promise<readonly Result[]>,
    options: BatcherOptions<Item> = {},
  ) {
    this.maxItems = options.maxItems ?? 64;
    this.maxBytes = options.maxBytes ?? 60 * 1024;
    this.sizeOf = options.sizeOf ?? (() => 0);
    this.inflight = options.inflight ?? 2;
  }

  /** The item's own result. Rejects with TOO_LARGE for an item over `maxBytes`, or with what `send` threw. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      const bytes = this.sizeOf(item);
      if (bytes > this.maxBytes) {
        reject(new Failure('TOO_LARGE', `one item is ${bytes} bytes; at most ${this.maxBytes} fit a message`));
        return;
      }
      this.waiting.push({ item, bytes, resolve, reject });
      this.schedule();
    });
  }

  /** Items that have not been sent. */
  get waitingItems(): number {
    return this.waiting.length;
  }

  private schedule(): void {
    if (this.scheduled || this.active >= this.inflight || this.waiting.length === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      while (this.active < this.inflight && this.waiting.length > 0) void this.call(this.take());
    });
  }

  private take(): Waiting<Item, Result>[] {
    let count = 0;
    let bytes = 0;
    for (const next of this.waiting) {
      bytes += next.bytes;
      if (count === this.maxItems || (count > 0 && bytes > this.maxBytes)) break;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private async call(batch: Waiting<Item, Result>[]): Promise<void> {
    this.active += 1;
    try {
      const results = await this.send(batch.map(({ item }) => item));
      if (results.length !== batch.length)
        throw new Failure('INTERNAL', `${batch.length} items were sent and ${results.length} results came back`);
      batch.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.active -= 1;
      this.schedule();
    }
  }
}
