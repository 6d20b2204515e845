import { GrowingTiles, HASH_BYTES, partialTiles } from '@countersign/tlog';
import type { TreeHead } from '@countersign/tlog';
import { sameHead } from './retrace.js';
import type { StoredLog } from './stored-log.js';

/** The tree that was verified before, out of the stored tiles; undefined where these are not its. */
export function resumed(log: StoredLog, seen: TreeHead): GrowingTiles | undefined {
  const partial = partialTiles(seen.size).map((tile) => ({ tile, bytes: log.tile(tile) ?? new Uint8Array() }));
  if (partial.some(({ tile, bytes }) => bytes.length !== tile.width * HASH_BYTES)) return undefined;
  const tree = GrowingTiles.from(seen.size, partial);
  return sameHead({ size: tree.size, root: tree.root() }, seen) ? tree : undefined;
}
