import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { World } from '../world/world.js';
import { Load, quantileOf, type Answers } from './load.js';

/** Few at once, so that the capacity is that of the service's own limit and not of this machine's processors. */
const AT_ONCE = 4;
const TIMES = 5;
const SECONDS = 2;
const ROUNDS = 5; // the machine may do something else during one; what is unfair or unbounded is so in each

let world: World;
let noisy: Load;
let quiet: Load;
let capacity: number;
let alone: Answers;
let flooding: Answers;
let beside: Answers;

beforeAll(async () => {
  world = await World.start({ variables: { verification: { MAX_IN_FLIGHT: String(AT_ONCE) } } });
  [noisy, quiet] = await Promise.all([Load.connect(world, 'acme'), Load.connect(world, 'beta')]);
  await noisy.closed(AT_ONCE, 0.5); // caches are warm
  for (let round = 0; round < ROUNDS && !(round > 0 && quietRound()); round += 1) {
    alone = await noisy.closed(2 * AT_ONCE, SECONDS);
    capacity = alone.servedMs.length / alone.seconds;
    [flooding, beside] = await Promise.all([noisy.open(TIMES * capacity, SECONDS), quiet.closed(1, SECONDS)]);
  }
}, 120_000);
afterAll(async () => {
  await Promise.all([noisy.close(), quiet.close()]);
  await world.stop();
});

/** Of what is served: ten times what stands before a request when it is let in, at the capacity of this moment's machine. */
const longestMs = (): number => Math.max(500, (10 * 1000 * 2 * AT_ONCE) / capacity);
const goodput = (): number => (flooding.servedMs.length + beside.servedMs.length) / flooding.seconds;
const quietRound = (): boolean =>
  goodput() > 0.8 * capacity &&
  quantileOf(flooding.servedMs, 0.99) < longestMs() &&
  quantileOf(beside.servedMs, 0.99) < longestMs();

test('at five times the load goodput stays above 80 % of the capacity', () => {
  expect(flooding.servedMs.length + flooding.refusedMs.length).toBeGreaterThan(0.8 * TIMES * capacity * SECONDS); // it was asked
  expect(goodput()).toBeGreaterThan(0.8 * capacity);
});

test('what is served is served soon, the rest is told at once when to come back, and nothing is lost', () => {
  expect(quantileOf(flooding.servedMs, 0.99)).toBeLessThan(longestMs());
  expect(quantileOf(flooding.refusedMs, 0.5)).toBeLessThan(longestMs() / 5);
  expect(flooding.refusedMs.length).toBeGreaterThan(0);
  expect([...flooding.odd, ...alone.odd]).toEqual([]);
  expect(flooding.unanswered).toBe(0);
});

test('who floods starves nobody: another caller is never turned away, and waits a turn', () => {
  expect(beside).toMatchObject({ refusedMs: [], odd: [], unanswered: 0 });
  expect(beside.servedMs.length).toBeGreaterThan(2);
  expect(quantileOf(beside.servedMs, 0.99)).toBeLessThan(longestMs());
});
