import { GrowingTiles, TILE_WIDTH, sameHash, tilePath } from '@countersign/tlog';
import type { Hash, StoredTile, TreeHead } from '@countersign/tlog';
import type { StoredLog } from './stored-log.js';

/** What became of making a tree again from the hashes of its leaves. */
export interface Retraced {
  head: TreeHead;
  /** the root of the tree when it had the size that was verified before */
  earlier: Hash | undefined;
  /** paths of stored tiles that are others, or missing */
  otherTiles: string[];
}

/** Makes the tree again, on top of what `tree` has, and compares every tile with the stored one. Tells of every 256 leaves. */
export function retrace(
  log: StoredLog,
  leaves: Iterable<Hash>,
  {
    tree = new GrowingTiles(),
    earlier,
    tell,
  }: { tree?: GrowingTiles; earlier?: number; tell?: (done: number) => void },
): Retraced {
  const otherTiles: string[] = [];
  const compare = ({ tile, bytes }: StoredTile): void => {
    const stored = log.tile(tile);
    if (stored === undefined || Buffer.compare(stored, bytes) !== 0) otherTiles.push(tilePath(tile));
  };
  let root = earlier === tree.size ? tree.root() : undefined;
  for (const leaf of leaves) {
    tree.append(leaf).forEach(compare);
    if (tree.size === earlier) root = tree.root();
    if (tree.size % TILE_WIDTH === 0) tell?.(tree.size);
  }
  tree.partial().forEach(compare);
  return { head: { size: tree.size, root: tree.root() }, earlier: root, otherTiles };
}

export const sameHead = (one: TreeHead, other: TreeHead): boolean =>
  one.size === other.size && sameHash(one.root, other.root);
