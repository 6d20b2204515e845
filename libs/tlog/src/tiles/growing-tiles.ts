import type { Hash } from '../hashing/hash.js';
import { HASH_BYTES, emptyRoot } from '../hashing/hash.js';
import { foldNodes, nodesOf } from '../tree/node.js';
import { checkSize } from '../tree/tree-size.js';
import { TlogError } from '../tlog-error.js';
import type { Tile } from './tile.js';
import { TILE_HEIGHT, TILE_WIDTH, hashesAt, partialTiles, tileWith } from './tile.js';
import { checkTile, nodeIn } from './tile-hashes.js';

/** A tile and its hashes, one after the other. */
export interface StoredTile {
  tile: Tile;
  bytes: Uint8Array;
}

/** Makes a tree's tiles while leaves are appended, and keeps those that are not full yet. */
export class GrowingTiles {
  private leaves = 0;
  private readonly levels: Buffer[] = []; // of each level the tile that fills

  /** Goes on where a tree stood: `partial` are its partial tiles. Throws TlogError `size` or `tile`. */
  static from(size: number, partial: readonly StoredTile[]): GrowingTiles {
    const growing = new GrowingTiles();
    growing.leaves = checkSize(size);
    for (const { level, index, width } of partialTiles(size)) {
      const found = partial.find(({ tile }) => tile.level === level && tile.index === index && tile.width === width);
      if (found === undefined)
        throw new TlogError('tile', `level ${level} of a tree of ${size} leaves has a partial tile of ${width} hashes`);
      growing.level(level).set(checkTile(found.tile, found.bytes));
    }
    return growing;
  }

  get size(): number {
    return this.leaves;
  }

  /** `leaf` is a leaf's hash. Gives the tiles that it filled, lowest first. */
  append(leaf: Hash): StoredTile[] {
    const filled: StoredTile[] = [];
    this.leaves += 1;
    let hash = leaf;
    for (let level = 0; ; level += 1) {
      const bytes = this.level(level);
      const tile = tileWith(level, hashesAt(level, this.leaves) - 1, this.leaves);
      bytes.set(hash, (tile.width - 1) * HASH_BYTES);
      if (tile.width < TILE_WIDTH) return filled;
      filled.push({ tile, bytes: Uint8Array.from(bytes) });
      hash = nodeIn(bytes, 0, TILE_WIDTH);
    }
  }

  /** The partial tiles of the tree as it is: what a checkpoint of this size needs besides the full ones. */
  partial(): StoredTile[] {
    return partialTiles(this.leaves).map((tile) => ({
      tile,
      bytes: Uint8Array.from(this.level(tile.level).subarray(0, tile.width * HASH_BYTES)),
    }));
  }

  root(): Hash {
    if (this.leaves === 0) return emptyRoot();
    const subtrees = nodesOf({ from: 0, to: this.leaves }).map(({ level, index }) => {
      const count = 2 ** (level % TILE_HEIGHT);
      return nodeIn(this.level(Math.floor(level / TILE_HEIGHT)), (index * count) % TILE_WIDTH, count);
    });
    return Uint8Array.from(foldNodes(subtrees)); // one that stands alone would be overwritten by later leaves
  }

  private level(level: number): Buffer {
    return (this.levels[level] ??= Buffer.alloc(TILE_WIDTH * HASH_BYTES));
  }
}
