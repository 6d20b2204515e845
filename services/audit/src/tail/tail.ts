import { Failure } from '@countersign/contracts';

/** Where the ledger ends, now. */
export interface LedgerEnd {
  lastSequence(): Promise<number>;
}

interface Waiter {
  after: number;
  stopping: AbortSignal | undefined;
  timer: NodeJS.Timeout;
  settle: (end: number | undefined) => void;
}

const LOOK_EVERY_MS = 100;
const RETRY_AFTER_MS = 1000;

/**
 * Waits for the ledger to grow. However many wait, the ledger's end is asked for by one question every 100 ms, and by
 * none while nobody waits.
 */
export class Tail {
  private readonly waiters = new Set<Waiter>();
  private entered = 0;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly ledger: LedgerEnd,
    /** how many `enter` lets wait */
    private readonly maxWaiters: number,
  ) {}

  /** Asks for the end. Throws UNAVAILABLE. */
  last(): Promise<number> {
    return this.ledger.lastSequence();
  }

  /**
   * Takes a place among those who may wait, before anything is read: many who come at once would find room otherwise.
   * Gives what leaves it again. Throws UNAVAILABLE, with retryAfterMs, when all are taken.
   */
  enter(): () => void {
    if (this.entered >= this.maxWaiters) {
      const options = { retryAfterMs: RETRY_AFTER_MS };
      throw new Failure('UNAVAILABLE', 'too many wait for events already; try again', options);
    }
    this.entered += 1;
    return () => {
      this.entered -= 1;
    };
  }

  /**
   * The ledger's end once it is beyond `after`; undefined after `waitMs`, once `stopping` is aborted (seen at the next
   * look), or at the service's end. While the ledger does not answer it goes on waiting.
   */
  grownBeyond(after: number, waitMs: number, stopping?: AbortSignal): Promise<number | undefined> {
    if (this.closed || waitMs <= 0 || stopping?.aborted) return Promise.resolve(undefined);
    return new Promise((settle) => {
      const waiter: Waiter = { after, stopping, settle, timer: setTimeout(() => this.end(waiter, undefined), waitMs) };
      this.waiters.add(waiter);
      this.timer ??= setTimeout(() => void this.look(), LOOK_EVERY_MS);
    });
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    for (const waiter of [...this.waiters]) this.end(waiter, undefined);
  }

  private async look(): Promise<void> {
    const last = await this.ledger.lastSequence().catch(() => 0); // it does not answer now; the next look may find it
    for (const waiter of [...this.waiters]) {
      if (last > waiter.after) this.end(waiter, last);
      else if (waiter.stopping?.aborted) this.end(waiter, undefined);
    }
    const again = this.waiters.size > 0 && !this.closed;
    this.timer = again ? setTimeout(() => void this.look(), LOOK_EVERY_MS) : undefined;
  }

  private end(waiter: Waiter, end: number | undefined): void {
    clearTimeout(waiter.timer);
    if (this.waiters.delete(waiter)) waiter.settle(end);
  }
}
