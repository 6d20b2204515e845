import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Verdict } from '@countersign/contracts';
import { SystemRandom, randomId } from '@countersign/runtime';
import { World } from '../world/world.js';

const random = new SystemRandom();
const FOR_EACH_NAME = 4; // wrong codes: the fifth closes the budget
const NAMES = 250; // of each kind: 2,000 questions while every budget is open
const AT_ONCE = 8;
const APART_MS = 1;
const SETS = 4; // a busy machine may spoil one; a difference in the code spoils all

describe('from outside, an account that exists looks like a name that nobody has', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.stop());

  const freshNames = (count: number): string[] => Array.from({ length: count }, () => `person-${randomId(random, 12)}`);

  /** Accounts with a device each, as their owners have them. */
  async function owners(count: number): Promise<string[]> {
    const names = freshNames(count);
    for (let first = 0; first < count; first += AT_ONCE)
      await Promise.all(
        names.slice(first, first + AT_ONCE).map(async (name) => {
          await world.account(name);
          await world.importSeed(name, random.bytes(20), { type: 'totp' });
        }),
      );
    return names;
  }

  async function guess(account: string): Promise<Verdict> {
    const app = await world.caller('app');
    const code = String(random.bytes(4).readUInt32BE() % 1_000_000).padStart(6, '0');
    return app.verify({ account, code });
  }

  async function timed(account: string): Promise<number> {
    const before = performance.now();
    await guess(account);
    return performance.now() - before;
  }

  /** What is there, and of which kind; numbers that count or name a moment differ anyhow. */
  const shape = (verdict: Verdict): Record<string, unknown> => {
    const { sequence, at, retryAfterMs, ...rest } = verdict;
    return {
      ...rest,
      sequence: typeof sequence,
      at: typeof at,
      retryAfterMs: typeof retryAfterMs,
      fields: Object.keys(verdict),
    };
  };

  test('the same fields with the same words, from the first wrong code until it is locked and after', async () => {
    const [known = ''] = await owners(1);
    const [unknown = ''] = freshNames(1);
    const told = { known: [] as unknown[], unknown: [] as unknown[] };
    const reasons: unknown[] = [];
    for (let times = 0; times < 7; times += 1) {
      const verdict = await guess(known);
      reasons.push(verdict.reason);
      told.known.push(shape(verdict));
      told.unknown.push(shape(await guess(unknown)));
    }
    expect(reasons).toEqual([...Array<string>(5).fill('wrong_code'), 'locked', 'locked']);
    expect(told.unknown).toEqual(told.known);
  });

  test('the same words for a locked account, whether the code is right or wrong', async () => {
    const device = await world.owner();
    for (let times = 0; times < 5; times += 1) await guess(device.account);
    const app = await world.caller('app');
    const right = await app.verify({ account: device.account, code: device.code() });
    expect(right.reason).toBe('locked');
    expect(shape(await guess(device.account))).toEqual(shape(right));
  });

  test('and takes as long: medians of 2,000 questions are less than 1 ms apart (CVE-2025-6011)', async () => {
    const apart: string[] = [];
    for (let set = 0; set < SETS; set += 1) {
      const [known, unknown] = [await owners(NAMES), freshNames(NAMES)];
      const tookMs = { known: [] as number[], unknown: [] as number[] };
      for (let times = 0; times < FOR_EACH_NAME; times += 1)
        for (let n = 0; n < NAMES; n += 1) {
          // who comes first changes, so that neither always follows the other
          const order = (times + n) % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const);
          for (const kind of order) tookMs[kind].push(await timed((kind === 'known' ? known : unknown)[n] as string));
        }
      const [ofKnown, ofUnknown] = [median(tookMs.known), median(tookMs.unknown)];
      if (Math.abs(ofKnown - ofUnknown) < APART_MS) return;
      apart.push(`an account ${ofKnown.toFixed(2)} ms, nobody ${ofUnknown.toFixed(2)} ms`);
    }
    expect(apart).toEqual([]);
  }, 240_000);
});

function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
