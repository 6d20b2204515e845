import { expect, test } from '@jest/globals';
import { Slots } from './slots.js';

/** Work that ends when the test says so. */
function held(): { work: () => Promise<string>; end: () => void; fail: () => void; begun: () => boolean } {
  let begun = false;
  let resolve = (_text: string): void => undefined;
  let reject = (_error: Error): void => undefined;
  const promise = new Promise<string>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  const work = (): Promise<string> => {
    begun = true;
    return promise;
  };
  return { work, end: () => resolve('done'), fail: () => reject(new Error('failed')), begun: () => begun };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('one at a time, first come first served', async () => {
  const slots = new Slots();
  const works = Array.from({ length: 5 }, held);
  const order: number[] = [];
  const all = works.map(({ work }, index) => slots.run('a', work).then(() => order.push(index)));
  for (const [index, { end }] of works.entries()) {
    await turn();
    expect(works.map(({ begun }) => begun())).toEqual(works.map((_, other) => other <= index));
    end();
  }
  await Promise.all(all);
  expect(order).toEqual([0, 1, 2, 3, 4]);
});

test('four wait; the next is BUSY at once, and a place that becomes free is given again', async () => {
  const slots = new Slots();
  const works = Array.from({ length: 6 }, held);
  const runs = works.slice(0, 5).map(({ work }) => slots.run('a', work));
  await expect(slots.run('a', works[5]!.work)).rejects.toMatchObject({ code: 'BUSY', retryAfterMs: 100 });
  expect(works[5]!.begun()).toBe(false);
  works[0]!.end();
  await runs[0];
  await turn();
  const late = held();
  runs.push(slots.run('a', late.work));
  await expect(slots.run('a', works[5]!.work)).rejects.toMatchObject({ code: 'BUSY' });
  for (const { end } of [...works, late]) end();
  await Promise.all(runs);
});

test('other accounts wait for nothing', async () => {
  const slots = new Slots();
  const one = held();
  const run = slots.run('a', one.work);
  expect(await slots.run('b', async () => 'other')).toBe('other');
  one.end();
  await run;
});

test('work that fails gives its slot on, and fails alone', async () => {
  const slots = new Slots();
  const one = held();
  const failing = slots.run('a', one.work);
  const next = slots.run('a', async () => 'next');
  one.fail();
  await expect(failing).rejects.toThrow('failed');
  expect(await next).toBe('next');
});

test('nothing is remembered of accounts that are idle', async () => {
  const slots = new Slots();
  await Promise.all(Array.from({ length: 200 }, (_, index) => slots.run(`${index % 50}`, async () => index)));
  expect((slots as unknown as { queues: Map<string, unknown> }).queues.size).toBe(0);
});
