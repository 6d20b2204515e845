const MOST_TOGETHER = 64;
const CALLS_AT_ONCE = 2;

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/** What waits while calls are under way goes together in the next one; alone, an item waits for nothing but the turn's end. */
export class Batcher<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private calls = 0;
  private armed = false;

  constructor(private readonly call: (items: Item[]) => Promise<Result[]>) {}

  ask(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.arm();
    });
  }

  private arm(): void {
    if (this.armed || this.calls >= CALLS_AT_ONCE || this.waiting.length === 0) return;
    this.armed = true;
    setImmediate(() => {
      this.armed = false;
      while (this.calls < CALLS_AT_ONCE && this.waiting.length > 0) void this.flush();
    });
  }

  private async flush(): Promise<void> {
    const some = this.waiting.splice(0, MOST_TOGETHER);
    this.calls += 1;
    try {
      const results = await this.call(some.map(({ item }) => item));
      some.forEach(({ resolve }, at) => resolve(results[at] as Result));
    } catch (error) {
      for (const { reject } of some) reject(error);
    } finally {
      this.calls -= 1;
      this.arm();
    }
  }
}
