import { describe, expect, test } from '@jest/globals';
import { FairQueue } from './fair-queue.js';

const takeAll = (queue: FairQueue<string>): string[] => Array.from({ length: queue.size }, () => queue.take() ?? '');

describe('FairQueue', () => {
  test('askers take turns, and each line is first come first served', () => {
    const queue = new FairQueue<string>(10);
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) expect(queue.add(item.charAt(0), item)).toBeUndefined();
    expect(takeAll(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
    expect(queue.take()).toBeUndefined();
  });

  test('without room the newest of the longest line goes, not the one who asks a little', () => {
    const queue = new FairQueue<string>(3);
    for (const item of ['n1', 'n2', 'n3']) expect(queue.add('noisy', item)).toBeUndefined();
    expect(queue.add('noisy', 'n4')).toBe('n4');
    expect(queue.add('quiet', 'q1')).toBe('n3');
    expect(queue.add('other', 'o1')).toBe('n2');
    expect(queue.size).toBe(3);
    expect(takeAll(queue)).toEqual(['n1', 'q1', 'o1']);
  });

  test('that may hold nothing holds nothing', () => {
    expect(new FairQueue<string>(0).add('a', 'a1')).toBe('a1');
  });

  test('a noisy asker among many costs each of them one turn', () => {
    const queue = new FairQueue<string>(1000);
    for (let i = 0; i < 900; i += 1) queue.add('noisy', `n${i}`);
    for (let i = 0; i < 10; i += 1) queue.add(`quiet${i}`, `q${i}`);
    const order = takeAll(queue);
    expect(Math.max(...order.flatMap((item, at) => (item.startsWith('q') ? [at] : [])))).toBe(10);
  });
});
