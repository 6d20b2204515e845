import { Failure } from '@countersign/contracts';

const WAITING = 4; // a person's double click and a retry or two; more is somebody guessing in parallel

/** One attempt at a time for each account in this process; 4 wait, first come first served. */
export class Slots {
  private readonly queues = new Map<string, { waiting: number; last: Promise<void> }>();

  /** Runs `work` when those before it have ended. Throws BUSY when 4 wait already. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const queue = this.queues.get(key);
    if (queue === undefined) {
      const mine = { waiting: 0, last: Promise.resolve() };
      this.queues.set(key, mine);
      return this.follow(key, mine, mine.last, work);
    }
    if (queue.waiting >= WAITING) throw new Failure('BUSY', undefined, { retryAfterMs: 100 });
    queue.waiting += 1;
    return this.follow(key, queue, queue.last, async () => {
      queue.waiting -= 1;
      return work();
    });
  }

  private async follow<T>(
    key: string,
    queue: { waiting: number; last: Promise<void> },
    before: Promise<void>,
    work: () => Promise<T>,
  ): Promise<T> {
    let ended = (): void => undefined;
    const mine = new Promise<void>((resolve) => {
      ended = resolve;
    });
    queue.last = mine;
    await before;
    try {
      return await work();
    } finally {
      ended();
      if (queue.last === mine) this.queues.delete(key);
    }
  }
}
