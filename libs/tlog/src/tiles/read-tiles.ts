import type { Hash } from '../hashing/hash.js';
import { sameHash } from '../hashing/hash.js';
import type { HashReader, Node } from '../tree/node.js';
import { foldNodes, nodesOf } from '../tree/node.js';
import type { TreeHead } from '../tree/tree-size.js';
import { TlogError } from '../tlog-error.js';
import type { Tile } from './tile.js';
import { TILE_HEIGHT, TILE_WIDTH, partialTiles, tileWith } from './tile.js';
import { checkTile, hashIn, nodeIn } from './tile-hashes.js';
import { tilePath } from './tile-path.js';

/**
 * Gives the bytes of each tile, in the order asked. A partial tile that is gone may be cut from a wider one that came
 * later: its first `width` hashes are the same.
 */
export type TileFetch = (tiles: readonly Tile[]) => Promise<readonly Uint8Array[]>;

/**
 * Reads a tree out of its tiles, and believes none that does not belong to the head: the partial tiles make up the root,
 * and each full one is a hash in the tile above it. Throws TlogError: `size`, `tile`, `tile-content`.
 */
export function readTiles(head: TreeHead, fetch: TileFetch): HashReader {
  return async (nodes) => {
    const tiles = new Map<string, Tile>();
    for (const tile of [...partialTiles(head.size), ...nodes.map((node) => tileOf(node, head.size))])
      for (const each of upwards(tile, head.size)) tiles.set(tilePath(each), each);

    const fetched = await fetch([...tiles.values()]);
    const bytesOf = new Map<string, Uint8Array>();
    for (const [at, tile] of [...tiles.values()].entries())
      bytesOf.set(tilePath(tile), checkTile(tile, fetched[at] ?? new Uint8Array()));

    const hashOf = (node: Node): Hash => {
      const bytes = bytesOf.get(tilePath(tileOf(node, head.size))) as Uint8Array;
      const count = 2 ** (node.level % TILE_HEIGHT);
      return nodeIn(bytes, (node.index * count) % TILE_WIDTH, count);
    };
    if (head.size > 0 && !sameHash(foldNodes(nodesOf({ from: 0, to: head.size }).map(hashOf)), head.root))
      throw new TlogError('tile-content', `the partial tiles do not make up the root of ${head.size} leaves`);
    for (const tile of tiles.values()) if (tile.width === TILE_WIDTH) checkBelow(tile, bytesOf, head.size);
    return nodes.map(hashOf);
  };
}

/** The tile that a node is in, or made from. Throws TlogError `size` for one that the tree does not have. */
function tileOf({ level, index }: Node, size: number): Tile {
  if (level < 0 || index < 0 || (index + 1) * 2 ** level > size)
    throw new TlogError('size', `a tree of ${size} leaves has no node ${index} at level ${level}`);
  return tileWith(Math.floor(level / TILE_HEIGHT), index * 2 ** (level % TILE_HEIGHT), size);
}

/** A tile and those above it, up to a partial one: every full tile has its hash in one above. */
function upwards(tile: Tile, size: number): Tile[] {
  return tile.width < TILE_WIDTH ? [tile] : [tile, ...upwards(above(tile, size), size)];
}

const above = (tile: Tile, size: number): Tile => tileWith(tile.level + 1, tile.index, size);

function checkBelow(tile: Tile, bytesOf: Map<string, Uint8Array>, size: number): void {
  const bytes = bytesOf.get(tilePath(tile)) as Uint8Array;
  const parent = bytesOf.get(tilePath(above(tile, size))) as Uint8Array;
  if (!sameHash(nodeIn(bytes, 0, TILE_WIDTH), hashIn(parent, tile.index % TILE_WIDTH)))
    throw new TlogError('tile-content', `${tilePath(tile)} is not of this tree`);
}
