import { checkSize } from '../tree/tree-size.js';

/** 2^8 hashes make a full tile (C2SP tlog-tiles). */
export const TILE_HEIGHT = 8;
export const TILE_WIDTH = 2 ** TILE_HEIGHT;

/** Hashes `index` * 256 to `index` * 256 + `width`, of those that stand `level` * 8 levels above the leaves. */
export interface Tile {
  level: number;
  index: number;
  /** 1 to 256 hashes; less than 256 is a partial tile */
  width: number;
}

/** Hashes that a tree has at a level of tiles. */
export const hashesAt = (level: number, size: number): number => Math.floor(size / TILE_WIDTH ** level);

/** The tile with this hash of a level, as wide as it is in a tree of this size, which must have that hash. */
export function tileWith(level: number, hash: number, size: number): Tile {
  const index = Math.floor(hash / TILE_WIDTH);
  return { level, index, width: Math.min(TILE_WIDTH, hashesAt(level, size) - index * TILE_WIDTH) };
}

/** The partial tiles of a tree, at most one a level, lowest first. Throws TlogError `size`. */
export function partialTiles(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; hashesAt(level, checkSize(size)) > 0; level += 1) {
    const hashes = hashesAt(level, size);
    if (hashes % TILE_WIDTH > 0) tiles.push(tileWith(level, hashes - 1, size));
  }
  return tiles;
}

/** The tiles to be stored when a tree has grown, lowest first. Throws TlogError `size`. */
export function* tilesAdded(older: number, newer: number): Generator<Tile, void> {
  checkSize(older);
  for (let level = 0; hashesAt(level, checkSize(newer)) > 0; level += 1) {
    const [before, now] = [hashesAt(level, older), hashesAt(level, newer)];
    for (let hash = before; hash < now;) {
      const tile = tileWith(level, hash, newer);
      yield tile;
      hash = tile.index * TILE_WIDTH + tile.width;
    }
  }
}
