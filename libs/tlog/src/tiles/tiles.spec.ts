import { beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { TiledLog, leavesOf } from '../../test/logs.js';
import { outcomeOf } from '../../test/refusals.js';
import { MTH } from '../../test/rfc6962.js';
import { go } from '../../test/vectors.js';
import { GrowingTree, checkInclusion, emptyRoot, leafHash, proveConsistency, proveInclusion } from '../index.js';
import type { Hash, TreeHead } from '../index.js';
import { GrowingTiles, decodeBundle, encodeBundle, parseTilePath, partialTiles, readTiles } from './index.js';
import { bundlePath, tilePath, tilesAdded } from './index.js';

const base64 = (hash: Hash) => Buffer.from(hash).toString('base64');

describe("the large tree of Go's vectors", () => {
  const log = new TiledLog();
  const tree = new GrowingTree();
  const heads = new Map<number, TreeHead>();
  const wanted = new Set([...go.large.roots, ...go.large.inclusion].map(({ size }) => size));

  beforeAll(() => {
    for (let at = 0; at < 70_000; at += 1) {
      const leaf = Buffer.from(`leaf ${at}`);
      tree.append(leafHash(leaf));
      log.append(leaf);
      if (wanted.has(at + 1)) heads.set(at + 1, log.publish());
    }
  });

  test.each(go.large.roots)('has the root of $size leaves', ({ size, root }) => {
    expect(base64((heads.get(size) as TreeHead).root)).toBe(root);
    if (size === tree.size) expect(base64(tree.root())).toBe(root);
  });

  test('has its tiles, byte for byte', () => {
    const sums = go.large.tiles.map(({ path }) => ({
      path,
      sha256: createHash('sha256')
        .update(log.tiles.get(path) ?? '')
        .digest('hex'),
    }));
    expect(sums).toEqual(go.large.tiles);
  });

  test.each(go.large.inclusion)('proves leaf $index of $size out of its tiles', async ({ index, size, proof }) => {
    const read = readTiles(heads.get(size) as TreeHead, log.fetch);
    expect((await proveInclusion(index, size, read)).map(base64)).toEqual(proof);
  });

  test.each(go.large.consistency)('proves $older to $newer out of its tiles', async ({ older, newer, proof }) => {
    const read = readTiles(heads.get(newer) as TreeHead, log.fetch);
    expect((await proveConsistency(older, newer, read)).map(base64)).toEqual(proof);
  });
});

describe('which tiles there are', () => {
  test.each(go.tiles_added)('from $older to $newer leaves, as Go says', ({ older, newer, paths }) => {
    expect([...tilesAdded(older, newer)].map(tilePath)).toEqual(paths);
  });

  test('70,000 leaves: the example of tlog-tiles', () => {
    const all = [...tilesAdded(0, 70_000)];
    const of = (level: number, full: boolean) =>
      all.filter((tile) => tile.level === level && (tile.width === 256) === full).map(({ width }) => width);
    expect([of(0, true).length, of(0, false), of(1, true).length, of(1, false)]).toEqual([273, [112], 1, [17]]);
    expect([of(2, true), of(2, false)]).toEqual([[], [1]]);
    expect(partialTiles(70_000)).toEqual(all.filter(({ width }) => width < 256));
    expect([...tilesAdded(0, 256)].map(tilePath)).toEqual(['tile/0/000', 'tile/1/000.p/1']);
  });
});

describe('paths', () => {
  test.each(go.paths)('$path, as Go writes it', ({ path, ...tile }) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual({ kind: 'tile', ...tile });
  });

  test('entries have theirs', () => {
    expect(bundlePath({ index: 1_234_067, width: 7 })).toBe('tile/entries/x001/x234/067.p/7');
    expect(parseTilePath('tile/entries/x001/x234/067.p/7')).toEqual({ kind: 'entries', index: 1_234_067, width: 7 });
  });

  test.each([
    ['', 'tile//000', 'tile/0/0', 'tile/0/1000', 'tile/0/001/234', 'tile/0/x001', 'tile/0/x000/001', 'tile/00/001'],
    ['tile/64/000', 'tile/0/000.p/0', 'tile/0/000.p/256', 'tile/0/000.p/300', 'tile/0/000.p/01', 'tile/0/000.p/'],
    ['/tile/0/000', 'tile/0/000\n', 'tile/0/000/', 'tile/-1/000', `tile/0/${'x999/'.repeat(6)}999`, 'tile/data/000'],
  ])('%j and what follows is none', async (...paths) => {
    for (const path of paths) expect([path, await outcomeOf(() => parseTilePath(path))]).toEqual([path, 'tile-path']);
  });
});

describe('growing', () => {
  test.each([0, 1, 255, 256, 257, 65_537])('goes on from %i leaves as if never stopped', (size) => {
    const whole = new GrowingTiles();
    const leaves = Array.from({ length: size + 300 }, (_, at) => leafHash(Buffer.from(String(at))));
    for (const leaf of leaves.slice(0, size)) whole.append(leaf);
    const again = GrowingTiles.from(size, whole.partial());
    for (const leaf of leaves.slice(size)) expect(again.append(leaf)).toEqual(whole.append(leaf));
    expect({ size: again.size, root: again.root() }).toEqual({ size: whole.size, root: whole.root() });
    expect(again.partial()).toEqual(whole.partial());
  });

  test('does not go on without a partial tile, or with one of another length', async () => {
    const growing = new GrowingTiles();
    for (const leaf of leavesOf(300)) growing.append(leafHash(leaf));
    const [lowest, next] = growing.partial();
    expect(await outcomeOf(() => GrowingTiles.from(300, [lowest!]))).toBe('tile');
    expect(await outcomeOf(() => GrowingTiles.from(301, [lowest!, next!]))).toBe('tile');
    const short = { tile: lowest!.tile, bytes: lowest!.bytes.subarray(1) };
    expect(await outcomeOf(() => GrowingTiles.from(300, [short, next!]))).toBe('tile');
  });

  test('a root that was given stays what it was', () => {
    const growing = new GrowingTiles();
    growing.append(leafHash(Buffer.from('0')));
    const root = growing.root();
    for (let at = 1; at <= 256; at += 1) growing.append(leafHash(Buffer.from(String(at))));
    expect(root).toEqual(Uint8Array.from(leafHash(Buffer.from('0'))));
  });
});

describe('reading', () => {
  const leaves = leavesOf(600);
  const log = new TiledLog();
  for (const leaf of leaves) log.append(leaf);
  const head = log.publish();
  const nodes = [{ level: 0, index: 5 }];

  test('the root is what the RFC says', () => {
    expect(Buffer.from(head.root)).toEqual(MTH(leaves));
  });

  test('proves what is asked, for every leaf', async () => {
    for (const [index, leaf] of leaves.entries()) {
      const proof = await proveInclusion(index, head.size, readTiles(head, log.fetch));
      checkInclusion(leafHash(leaf), index, head, proof);
    }
  });

  test('a tile that is missing, too short or of another tree is named', async () => {
    const without = async (path: string, bytes: Uint8Array = new Uint8Array()) =>
      outcomeOf(() =>
        readTiles(head, async (tiles) =>
          tiles.map((tile) => (tilePath(tile) === path ? bytes : (log.tiles.get(tilePath(tile)) as Uint8Array))),
        )(nodes),
      );
    const tile = log.tiles.get('tile/0/000') as Uint8Array;
    expect(await without('nothing')).toBe('accepted');
    expect(await without('tile/0/000')).toBe('tile');
    expect(await without('tile/0/000', tile.subarray(1))).toBe('tile');
    expect(await without('tile/0/000', Uint8Array.from(tile).reverse())).toBe('tile-content');
    expect(await outcomeOf(() => readTiles({ ...head, root: emptyRoot() }, log.fetch)(nodes))).toBe('tile-content');
  });

  test('a node that the tree does not have is refused', async () => {
    for (const node of [
      { level: 0, index: 600 },
      { level: 9, index: 1 },
      { level: 10, index: 0 },
      { level: 0, index: -1 },
    ])
      expect(await outcomeOf(() => readTiles(head, log.fetch)([node]))).toBe('size');
  });
});

describe('entry bundles', () => {
  test('hold entries after their lengths, in two bytes, big-endian (C2SP tlog-tiles)', () => {
    const entries = [Buffer.from('abc'), Buffer.alloc(0), Buffer.alloc(258, 7)];
    const bytes = Buffer.concat([Buffer.from('0003', 'hex'), entries[0]!, Buffer.from('00000102', 'hex'), entries[2]!]);
    expect(Buffer.from(encodeBundle(entries))).toEqual(bytes);
    expect(decodeBundle(bytes, 3).map((entry) => Buffer.from(entry))).toEqual(entries);
  });

  test('hold the longest entry, and no longer one', async () => {
    const longest = Buffer.alloc(65_535, 1);
    expect(decodeBundle(encodeBundle([longest]), 1)).toEqual([longest]);
    expect(await outcomeOf(() => encodeBundle([Buffer.alloc(65_536)]))).toBe('leaf');
    expect(await outcomeOf(() => leafHash(Buffer.alloc(65_536)))).toBe('leaf');
  });

  test('with one entry more or less, or cut off, are refused', async () => {
    const bytes = encodeBundle([Buffer.from('abc'), Buffer.from('de')]);
    for (const width of [0, 1, 3, 256]) expect(await outcomeOf(() => decodeBundle(bytes, width))).toBe('bundle');
    for (let length = 0; length < bytes.length; length += 1)
      expect(await outcomeOf(() => decodeBundle(bytes.subarray(0, length), 2))).toBe('bundle');
    expect(await outcomeOf(() => encodeBundle([]))).toBe('bundle');
    expect(await outcomeOf(() => encodeBundle(leavesOf(257)))).toBe('bundle');
  });
});
