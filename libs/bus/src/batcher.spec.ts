import { describe, expect, test } from '@jest/globals';
import { Batcher } from './batcher.js';

/** A `send` whose calls end when the test says so. */
function held() {
  const calls: { items: number[]; end: (results?: number[]) => void; fail: (error: Error) => void }[] = [];
  const send = (items: number[]): Promise<number[]> =>
    new Promise((resolve, reject) =>
      calls.push({ items, end: (results) => resolve(results ?? items.map((i) => i * 10)), fail: reject }),
    );
  return { calls, send };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('Batcher', () => {
  test('a lone item leaves at the end of the turn', async () => {
    const { calls, send } = held();
    const result = new Batcher(send).add(1);
    expect(calls).toHaveLength(0);
    await turn();
    expect(calls.map(({ items }) => items)).toEqual([[1]]);
    calls[0]?.end();
    expect(await result).toBe(10);
  });

  test('what is added in one turn goes together, at most maxItems a call', async () => {
    const { calls, send } = held();
    const batcher = new Batcher(send, { maxItems: 3, inflight: 2 });
    const results = [1, 2, 3, 4, 5, 6, 7].map((item) => batcher.add(item));
    await turn();
    expect(calls.map(({ items }) => items)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(batcher.waitingItems).toBe(1);
    calls[1]?.end();
    await turn();
    expect(calls[2]?.items).toEqual([7]);
    calls[0]?.end();
    calls[2]?.end();
    expect(await Promise.all(results)).toEqual([10, 20, 30, 40, 50, 60, 70]);
  });

  test('what waits when a call returns goes in one message', async () => {
    const { calls, send } = held();
    const batcher = new Batcher(send, { inflight: 1 });
    const results = [batcher.add(1)];
    await turn();
    for (const item of [2, 3, 4]) {
      results.push(batcher.add(item));
      await turn();
    }
    expect(calls).toHaveLength(1);
    calls[0]?.end();
    await turn();
    expect(calls[1]?.items).toEqual([2, 3, 4]);
    calls[1]?.end();
    expect(await Promise.all(results)).toEqual([10, 20, 30, 40]);
  });

  test('a call never holds more than maxBytes, and an item over it is refused', async () => {
    const { calls, send } = held();
    const batcher = new Batcher(send, { maxBytes: 10, sizeOf: (item) => item, inflight: 9 });
    const results = [4, 5, 6, 4, 10].map((item) => batcher.add(item));
    await expect(batcher.add(11)).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await turn();
    expect(calls.map(({ items }) => items)).toEqual([[4, 5], [6, 4], [10]]);
    for (const call of calls) call.end();
    await Promise.all(results);
  });

  test('a call that fails rejects its own items only', async () => {
    const { calls, send } = held();
    const batcher = new Batcher(send, { maxItems: 1 });
    const first = batcher.add(1);
    const second = batcher.add(2);
    await turn();
    calls[0]?.fail(new Error('gone'));
    calls[1]?.end();
    await expect(first).rejects.toThrow('gone');
    expect(await second).toBe(20);
  });

  test('a call with the wrong number of results rejects its items', async () => {
    const { calls, send } = held();
    const result = new Batcher(send).add(1);
    await turn();
    calls[0]?.end([]);
    await expect(result).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test('a send that throws at once is a failed call', async () => {
    const batcher = new Batcher<number, number>(() => {
      throw new Error('at once');
    });
    await expect(batcher.add(1)).rejects.toThrow('at once');
    await expect(batcher.add(2)).rejects.toThrow('at once');
  });
});
