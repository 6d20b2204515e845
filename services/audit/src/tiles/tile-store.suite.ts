import { expect, test } from '@jest/globals';
import type { StoredTile } from '@countersign/tlog';
import type { TileStore } from './tile-store.js';

/** Hashes 0, 1, 2 ... of a tile, so wide. `of`: another tree has others. */
export const tileOf = (width: number, { index = 0, of = 0 } = {}): StoredTile => ({
  tile: { level: 0, index, width },
  bytes: Buffer.concat(Array.from({ length: width }, (_, at) => Buffer.alloc(32, at + of))),
});

/** What every tile store does. `opened`: one that sees what those before it wrote. */
export function tileStoreSuite(opened: () => Promise<TileStore> | TileStore): void {
  const read = async (store: TileStore, { tile }: StoredTile) => {
    const [bytes] = await store.read([tile]);
    return bytes && Buffer.from(bytes);
  };

  test('a tile that is kept is there for the next one, and begins with what came before', async () => {
    await (await opened()).write([tileOf(3)], []);
    await (await opened()).write([tileOf(7)], []);
    const store = await opened();
    expect(await read(store, tileOf(7))).toEqual(tileOf(7).bytes);
    expect(await read(store, tileOf(5))).toEqual(tileOf(5).bytes);
    expect(await read(store, tileOf(8))).toBeUndefined();
    expect(await read(store, tileOf(1, { index: 1 }))).toBeUndefined();
  });

  test('a full tile serves for every width', async () => {
    const store = await opened();
    await store.write([tileOf(200, { index: 2 })], []);
    await store.write([tileOf(256, { index: 2 })], []);
    expect(await read(store, tileOf(256, { index: 2 }))).toEqual(tileOf(256).bytes);
    expect(await read(store, tileOf(100, { index: 2 }))).toEqual(tileOf(100).bytes);
  });

  test('written again it stays; a narrower one that comes late takes nothing away', async () => {
    const store = await opened();
    for (const width of [9, 9, 4]) await store.write([tileOf(width, { index: 3 })], []);
    expect(await read(store, tileOf(9, { index: 3 }))).toEqual(tileOf(9).bytes);
  });

  test("another tree's tile in its place is a split view, and is not overwritten", async () => {
    const store = await opened();
    await store.write([tileOf(256, { index: 4 })], []);
    const other = store.write([tileOf(256, { index: 4, of: 1 })], []);
    await expect(other).rejects.toMatchObject({ name: 'Doubt', kind: 'SPLIT' });
    expect(await read(store, tileOf(256, { index: 4 }))).toEqual(tileOf(256).bytes);
  });
}
