import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { DECOY_REFERENCE, MAX_COUNTER, MatchItem } from '@countersign/contracts';
import { HsmTrouble } from '../driver/hsm-driver.js';
import type { HsmDriver, KeyUse } from '../driver/hsm-driver.js';
import { GuessLimits } from '../limits/guess-limits.js';
import { MAX_MISSES } from '../limits/misses.js';
import { Matching } from './match.js';

const file = new URL('../../../../test/vectors/rfc4226-hotp.json', import.meta.url);
const rfc = JSON.parse(readFileSync(file, 'utf8')) as { vectors: { hmac_sha1_hex: string; otp6: string }[] };
const code = (counter: number) => rfc.vectors[counter]!.otp6;

/** An HSM whose only key is RFC 4226's, by the appendix's own MACs. Notes what it was asked. */
class RfcHsm {
  readonly asked: { key: KeyUse; from: number; count: number }[] = [];
  readonly receipted: string[] = [];
  trouble = false;

  async macs(key: KeyUse, from: number, count: number) {
    if (this.trouble) throw new HsmTrouble('gone');
    if (key.kind === 'device' && key.reference === 'strange') return { kind: 'unknown-key' as const };
    this.asked.push({ key, from, count });
    const macs = rfc.vectors.slice(from, from + count).map((row) => Buffer.from(row.hmac_sha1_hex, 'hex'));
    return { kind: 'macs' as const, macs };
  }

  async receipts(messages: readonly Uint8Array[]) {
    return messages.map((message) => {
      this.receipted.push(Buffer.from(message).toString('hex'));
      return Buffer.from(`receipt ${this.receipted.length}`);
    });
  }
}

function setUp() {
  const hsm = new RfcHsm();
  const clock = { ms: 1_700_000_000_000, now: () => clock.ms };
  const matching = new Matching(hsm as unknown as HsmDriver, new GuessLimits(clock));
  return { hsm, clock, matching, match: async (one: MatchItem) => (await matching.match([one]))[0]! };
}

const item = (change: Partial<MatchItem> = {}): MatchItem =>
  Object.assign(new MatchItem(), {
    reference: 'd1.x',
    tenant: 'acme',
    account: '0123456789abcdefghjk',
    device: '0123456789ab',
    epoch: 1,
    algorithm: 'SHA1',
    digits: 6,
    from: 0,
    count: 10,
    floor: 0,
    code: '000000',
    ...change,
  });

describe('matching a code', () => {
  test.each<[string, Partial<MatchItem>, number | undefined]>([
    ['the first of the range', { code: code(0) }, 0],
    ['the last of the range', { code: code(9) }, 9],
    ['at the floor', { code: code(4), floor: 4 }, 4],
    ['below the floor: a replay, still told', { code: code(3), spent: 4, floor: 4 }, 3],
    ['beyond the range', { code: code(5), count: 5 }, undefined],
    ['before the range', { code: code(2), from: 3, count: 5 }, undefined],
    ['no code of this key', { code: '000000' }, undefined],
    ['the code and more digits', { code: `${code(1)}0` }, undefined],
  ])('%s', async (_name, change, counter) => {
    const { hsm, match } = setUp();
    const result = await match(item(change));
    if (counter === undefined) expect(result).toEqual({ kind: 'none' });
    else expect(result).toMatchObject({ kind: 'match', counter });
    // the same work, whatever came out: the whole range and one receipt
    expect(hsm.asked.map(({ count }) => count)).toEqual([change.count ?? 10]);
    expect(hsm.receipted.length).toBe(1);
  });

  describe('a code that is several counters`', () => {
    // 10 to 14 show, in turn, the codes of appendix D's counters
    const rows = [2, 5, 2, 5, 2];
    test.each<[string, Partial<MatchItem>, number]>([
      ['is a replay if one of them is spent', { spent: 11, floor: 11 }, 10],
      ['is a replay, though it is more often one to come', { spent: 11, floor: 12 }, 10],
      ['is a replay of the first one', { spent: 15, floor: 15 }, 10],
      ['is the first that can be accepted', { spent: 10, floor: 10 }, 10],
      ['can be accepted, though an old one shows it that nobody used', { spent: 10, floor: 11 }, 12],
      ['can be accepted, though all that is between is old', { spent: 9, floor: 13 }, 14],
      ['is the first old one, when none is spent nor acceptable', { spent: 10, floor: 15 }, 10],
      ['can be accepted, for an asker that does not tell what is spent', { floor: 11 }, 12],
      ['is the first below the floor for that asker, when none is acceptable', { floor: 15 }, 10],
    ])('%s', async (_name, change, counter) => {
      const { hsm, match } = setUp();
      const macs = rows.map((row) => Buffer.from(rfc.vectors[row]!.hmac_sha1_hex, 'hex'));
      hsm.macs = async () => ({ kind: 'macs', macs });
      const twins = item({ code: code(2), from: 10, count: 5, ...change });
      expect(await match(twins)).toMatchObject({ kind: 'match', counter });
      expect(hsm.receipted.length).toBe(1);
    });
  });

  test('a receipt binds tenant, account, device, epoch and counter', async () => {
    const { hsm, match } = setUp();
    const changes: Partial<MatchItem>[] = [
      { code: code(1) },
      { code: code(2) },
      { code: code(1), tenant: 'beta' },
      { code: code(1), account: 'zzzzzzzzzzzzzzzzzzzz' },
      { code: code(1), device: 'zzzzzzzzzzzz' },
      { code: code(1), epoch: 2 },
      // the same letters, cut elsewhere
      { code: code(1), tenant: 'acm', account: 'e0123456789abcdefghjk'.slice(0, 20) },
    ];
    for (const change of changes) await match(item(change));
    expect(new Set(hsm.receipted).size).toBe(changes.length);
  });

  test('the decoy works as much and never matches', async () => {
    const { hsm, match } = setUp();
    const decoy = item({ reference: DECOY_REFERENCE, account: '_decoy', device: 'some-name', code: code(3) });
    expect(await match(decoy)).toEqual({ kind: 'none' });
    expect(hsm.asked).toEqual([{ key: { kind: 'decoy', tenant: 'acme', algorithm: 'SHA1' }, from: 0, count: 10 }]);
    expect(hsm.receipted.length).toBe(1);
  });
});

describe('the cap on misses', () => {
  test.each([
    ['a device', {}],
    ['a decoy', { reference: DECOY_REFERENCE, account: '_decoy', device: 'some-name' }],
  ])('%s: the right code is refused too, once thirty were wrong; nothing is evaluated', async (_name, who) => {
    const { hsm, match } = setUp();
    for (let at = 0; at < MAX_MISSES; at++) expect(await match(item(who))).toEqual({ kind: 'none' });
    hsm.asked.length = 0;
    expect(await match(item({ ...who, code: code(1) }))).toEqual({ kind: 'refused', retryAfterMs: 60_000 });
    expect(hsm.asked).toEqual([]);
    expect(await match(item({ ...who, device: 'another' }))).toEqual({ kind: 'none' });
  });

  test('matches, strange references and HSM trouble do not count', async () => {
    const { hsm, match } = setUp();
    for (let at = 0; at < 2 * MAX_MISSES; at++) {
      await match(item({ code: code(1) }));
      expect(await match(item({ reference: 'strange' }))).toEqual({ kind: 'unknown-key' });
      hsm.trouble = true;
      await expect(match(item())).rejects.toBeInstanceOf(HsmTrouble);
      hsm.trouble = false;
    }
    expect(await match(item())).toEqual({ kind: 'none' });
  });
});

describe('matching two codes in a row', () => {
  test.each<[string, Partial<MatchItem>, number | undefined]>([
    ['the first two of the range', { code: code(0), next: code(1) }, 1],
    ['the last one of the range and the one after', { code: code(8), next: code(9), count: 9 }, 9],
    ['the same code twice', { code: code(4), next: code(4) }, undefined],
    ['two codes with one between', { code: code(3), next: code(5) }, undefined],
    ['two codes in the other order', { code: code(4), next: code(3) }, undefined],
    ['a right code and a wrong one', { code: code(3), next: '000000' }, undefined],
    ['a pair before the range', { code: code(2), next: code(3), from: 3, count: 5 }, undefined],
    ['a pair that begins after the range', { code: code(5), next: code(6), count: 5 }, undefined],
  ])('%s', async (_what, change, counter) => {
    const { match } = setUp();
    const result = await match(item({ count: 9, ...change }));
    expect(result).toMatchObject(counter === undefined ? { kind: 'none' } : { kind: 'match', counter });
  });

  test('looks at one counter more than there are pairs, a part at a time', async () => {
    const { match, hsm } = setUp();
    await match(item({ count: 1000, next: code(1) }));
    expect(hsm.asked.every(({ count }) => count <= 32)).toBe(true);
    expect(hsm.asked.reduce((sum, { count }) => sum + count, 0)).toBe(1001);
  });

  test('counts as one miss, and the cap holds', async () => {
    const { match } = setUp();
    const wrong = item({ code: '000000', next: '000000', count: 9 });
    for (let miss = 0; miss < MAX_MISSES; miss += 1) expect(await match(wrong)).toEqual({ kind: 'none' });
    expect(await match(wrong)).toMatchObject({ kind: 'refused' });
  });

  test.each<[string, Partial<MatchItem>]>([
    ['a long range for one code', { count: 33 }],
    ['a pair beyond the largest counter', { next: code(1), from: MAX_COUNTER, count: 1000 }],
    ['a counter that is spent and acceptable', { code: code(1), spent: 2, floor: 1 }],
  ])('%s is not looked at', async (_what, change) => {
    const { match, hsm } = setUp();
    expect(await match(item(change))).toEqual({ kind: 'unknown-key' });
    expect(hsm.asked).toEqual([]);
  });
});
