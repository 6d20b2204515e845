import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Tenant } from '@countersign/contracts';
import { Log } from '@countersign/runtime';
import { checkConsistency, checkInclusion, decodeBundle, leafHash } from '@countersign/tlog';
import { Doubt } from '../alarms/doubt.js';
import { ListLedger } from '../testing/list-ledger.js';
import { ListChain, MapTiles, TestKey } from '../testing/log-parts.js';
import { entryOf } from './entry.js';
import { LogKeeper } from './log-keeper.js';
import { Proofs } from './proofs.js';

const silent = new Log('test', 'error', () => undefined);
const bytes = (text: string): Buffer => Buffer.from(text, 'base64');

class Ledger extends ListLedger {
  grow(count: number): void {
    for (let n = 0; n < count; n += 1)
      this.add(`ledger.${n % 3 === 0 ? 'beta' : 'acme'}.a${n % 7}`, {
        type: 'accepted',
        n,
        nonce: `${this.messages.length}`,
      });
  }

  assertUsable(): void {
    // it is
  }
}

let key: TestKey;
let ledger: Ledger;
let chain: ListChain;
let store: MapTiles;
let raised: Doubt[];
beforeEach(() => {
  key = new TestKey();
  ledger = new Ledger();
  chain = new ListChain(key);
  store = new MapTiles();
  raised = [];
});

const keeper = (tiles = store): LogKeeper =>
  new LogKeeper({
    ledger,
    tail: { grownBeyond: () => Promise.resolve(undefined) },
    chain,
    store: tiles,
    sign: key.sign,
    alarms: { raise: (doubt) => raised.push(doubt), settled: () => undefined },
    log: silent,
  });
const proofs = (): Proofs => new Proofs(ledger, store, { raise: (doubt) => raised.push(doubt) });
const doubtOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no doubt',
    (error: unknown) => (error instanceof Doubt ? error.kind : error),
  );

test('every entry is in the tree that is signed, and each tree begins with the one before', async () => {
  const one = keeper();
  const sizes = [1, 255, 1, 300, 70];
  for (const more of sizes) {
    ledger.grow(more);
    await one.step();
  }
  const heads = chain.notes.map(key.open);
  expect(heads.map(({ size }) => size)).toEqual([1, 256, 257, 557, 627]);
  const last = (await chain.last())!;
  for (const { size, root } of heads) {
    const { proof } = await proofs().prove({ from: size }, last);
    checkConsistency({ size, root }, last, proof.map(bytes));
  }
  for (const [at, message] of ledger.messages.entries()) {
    if (at % 50 > 1 && at < 620) continue;
    const { proof } = await proofs().prove({ sequence: at + 1 }, last);
    checkInclusion(leafHash(entryOf(message!)), at, last, proof.map(bytes));
  }
  const entries = [...store.bundles.values()].flatMap(({ bundle, bytes }) => decodeBundle(bytes, bundle.width));
  expect(entries.map(String)).toEqual(ledger.messages.map((message) => entryOf(message!).toString()));
});

test('replicas that sign at once make one checkpoint of each size, all of one tree', async () => {
  const all = [keeper(), keeper(), keeper()];
  for (let round = 0; round < 12; round += 1) {
    ledger.grow(1 + (round % 13));
    await Promise.all(all.map((each) => each.step()));
  }
  const heads = chain.notes.map(key.open);
  const sizes = heads.map(({ size }) => size);
  expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
  expect(heads).toHaveLength(12);
  await Promise.all(all.map((each) => each.step()));
  const alone = keeper(new MapTiles());
  await alone.step(); // makes the tree of the last checkpoint from nothing, and compares
  expect(alone.current?.size).toBe(ledger.messages.length);
});

describe('a replica that starts again', () => {
  beforeEach(async () => {
    ledger.grow(1000);
    await keeper().step();
    ledger.reads = 0;
  });

  test('reads on after the last checkpoint', async () => {
    ledger.grow(10);
    await keeper().step();
    expect(ledger.reads).toBe((1000 % 256) + 10);
    expect(key.open(chain.notes.at(-1)!).size).toBe(1010);
  });

  test('with an empty store makes all tiles again', async () => {
    const before = new Map(store.tiles);
    store.tiles.clear();
    await keeper().step();
    expect(store.tiles).toEqual(before);
    expect(chain.notes).toHaveLength(1);
  });

  test.each([
    ['an entry of the last tile was changed', 'SPLIT', () => rewrite(999)],
    ['the ledger ends before what was signed', 'ROLLBACK', () => ledger.messages.splice(990)],
    ['a message is gone', 'GAP', () => ledger.messages.splice(998, 1, undefined)],
  ])('signs nothing more when %s', async (_what, kind, change) => {
    change();
    ledger.grow(kind === 'ROLLBACK' ? 0 : 5);
    expect(await doubtOf(keeper().step())).toBe(kind);
    expect(chain.notes).toHaveLength(1);
  });

  test('signs nothing more when an old entry was changed and the tiles are gone', async () => {
    rewrite(17);
    store.tiles.clear();
    expect(await doubtOf(keeper().step())).toBe('SPLIT');
  });
});

/** A message of the ledger becomes another one, as whoever has the disk could make it. */
function rewrite(sequence: number): void {
  const message = ledger.messages[sequence - 1]!;
  ledger.messages[sequence - 1] = { ...message, data: Buffer.from('{"type":"accepted","n":-1}') };
}

describe('nothing is signed', () => {
  let one: LogKeeper;
  beforeEach(async () => {
    ledger.grow(300);
    one = keeper();
    await one.step();
  });

  test('where a checkpoint of the right key is of another tree', async () => {
    chain.notes.push(await key.sign({ size: 301, root: new Uint8Array(32) }));
    ledger.grow(5);
    expect(await doubtOf(one.step())).toBe('SPLIT');
  });

  test('where another root of the same size was signed', async () => {
    chain.notes.push(await key.sign({ size: 300, root: new Uint8Array(32) }));
    ledger.grow(5);
    expect(await doubtOf(one.step())).toBe('SPLIT');
  });

  test('where the chain went back', async () => {
    ledger.grow(5);
    await one.step();
    chain.notes.pop();
    expect(await doubtOf(one.step())).toBe('ROLLBACK');
    chain.notes.length = 0;
    expect(await doubtOf(one.step())).toBe('ROLLBACK');
  });

  test('where more was signed than the ledger holds', async () => {
    chain.notes.push(await key.sign({ size: 400, root: new Uint8Array(32) }));
    expect(await doubtOf(one.step())).toBe('ROLLBACK');
  });

  test('after what another key signed', async () => {
    chain.notes.push(await new TestKey().sign({ size: 301, root: new Uint8Array(32) }));
    ledger.grow(1);
    expect(await doubtOf(one.step())).toMatchObject({ name: 'TlogError', kind: 'unsigned' });
    expect(chain.notes).toHaveLength(2);
  });

  test('by a key service that signs another tree than was asked', async () => {
    const bent = {
      ...key,
      sign: ({ size, root }: { size: number; root: Uint8Array }) => key.sign({ size: size + 1, root }),
    };
    const other = new LogKeeper({
      ledger,
      tail: { grownBeyond: () => Promise.resolve(undefined) },
      chain,
      store,
      sign: bent.sign,
      alarms: { raise: (doubt) => raised.push(doubt), settled: () => undefined },
      log: silent,
    });
    ledger.grow(1);
    expect(await doubtOf(other.step())).toBe('SPLIT');
    expect(chain.notes).toHaveLength(1);
  });
});

describe('what a tenant is shown', () => {
  const acme = 'acme' as Tenant;
  beforeEach(async () => {
    ledger.grow(20);
    ledger.add('ledger.acme.a1.device.1', { type: 'record', v: 1, reference: 's1.sealed' });
    await keeper().step();
  });

  test('is its own events whole, and hashes of the others and of records of keys', async () => {
    const { entries } = await proofs().entries(acme, 1, 256, (await chain.last())!);
    expect(entries).toHaveLength(21);
    for (const [at, { sequence, leaf, entry }] of entries.entries()) {
      const message = ledger.messages[at]!;
      expect(sequence).toBe(at + 1);
      expect(bytes(leaf).equals(leafHash(entryOf(message)))).toBe(true);
      const own = /^ledger\.acme\.[^.]+$/.test(message.subject);
      expect(entry).toBe(own ? entryOf(message).toString() : undefined);
    }
  });

  test('is nothing, with an alarm, where the ledger holds another message than was signed', async () => {
    rewrite(2);
    const head = (await chain.last())!;
    await expect(proofs().entries(acme, 2, 1, head)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(raised).toMatchObject([{ kind: 'SPLIT', sequence: 2 }]);
  });

  test('is no receipt of what is not its own', async () => {
    const head = (await chain.last())!;
    expect(await proofs().receipt(acme, 2, head)).toMatchObject({ sequence: 2, checkpoint: head.note });
    expect(await proofs().receipt(acme, 1, head)).toBeUndefined();
    expect(await proofs().receipt(acme, 21, head)).toBeUndefined();
    await expect(proofs().receipt(acme, 22, head)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('a message too large for a bundle is told by its hash', () => {
  const data = Buffer.alloc(70_000, 'x');
  // printf 'x%.0s' {1..70000} | sha256sum
  expect(entryOf({ subject: 'ledger.acme.a1', data }).toString()).toMatch(/^ledger\.acme\.a1 sha-256 [0-9a-f]{64}$/);
});
