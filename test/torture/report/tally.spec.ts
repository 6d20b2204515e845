import { expect, test } from '@jest/globals';
import { Tally } from './tally.js';

test('a kind of fault that was tried and never came about is told, one that came about at least once is not', () => {
  const tally = new Tally();
  tally.began('redis-killed');
  tally.failed('redis-killed', 'no Redis');
  tally.failed('nats-leader-isolated', 'nobody leads');
  tally.failed('nats-leader-isolated', 'nobody leads');
  expect(tally.neverDone).toEqual(['nats-leader-isolated']);
  expect(Object.fromEntries(tally.notDone)).toEqual({ 'redis-killed': 1, 'nats-leader-isolated': 2 });
});
