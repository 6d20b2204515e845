/**
 * What waits for its turn: a line for each asker, first come first served in it; askers take turns, so that whoever asks a
 * little waits for a little. When there is no room, the newest of the longest line goes.
 */
export class FairQueue<Item> {
  private readonly lines = new Map<string, Item[]>(); // in the order of the turns
  private waiting = 0;

  constructor(private readonly maxWaiting: number) {}

  get size(): number {
    return this.waiting;
  }

  /** The item that has to go for it, where there is no room: another's, or itself. */
  add(asker: string, item: Item): Item | undefined {
    if (this.maxWaiting === 0) return item;
    const line = this.lines.get(asker);
    if (line === undefined) this.lines.set(asker, [item]);
    else line.push(item);
    this.waiting += 1;
    return this.waiting > this.maxWaiting ? this.lastOfTheLongest() : undefined;
  }

  /** The first of whose turn it is. */
  take(): Item | undefined {
    const next = this.lines.entries().next().value;
    if (next === undefined) return undefined;
    const [asker, line] = next;
    const item = line.shift();
    this.lines.delete(asker);
    if (line.length > 0) this.lines.set(asker, line); // behind the others
    this.waiting -= 1;
    return item;
  }

  private lastOfTheLongest(): Item | undefined {
    let [longest, length]: [string, number] = ['', 0];
    for (const [asker, line] of this.lines) if (line.length > length) [longest, length] = [asker, line.length];
    const line = this.lines.get(longest);
    const item = line?.pop();
    if (line?.length === 0) this.lines.delete(longest);
    this.waiting -= 1;
    return item;
  }
}
