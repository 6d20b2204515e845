const AT_ONCE = 16; // four batches of a client then keep some 64 appends under way, which is as many as JetStream likes

/**
 * What `work` gives for each item, in the order of the items; some at once, but those of one key one after the other,
 * since they would only meet as conflicts. Throws what `work` throws.
 */
export async function sideBySide<Item, Result>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const byKey = new Map<string, number[]>();
  items.forEach((item, at) => byKey.set(keyOf(item), [...(byKey.get(keyOf(item)) ?? []), at]));
  const groups = byKey.values(); // one iterator for all workers: each takes the next group that nobody has
  const worker = async (): Promise<void> => {
    for (const group of groups) for (const at of group) results[at] = await work(items[at] as Item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
