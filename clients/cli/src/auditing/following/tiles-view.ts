import {
  CHECKPOINT_PATH,
  HASH_BYTES,
  TILE_WIDTH,
  proveConsistency,
  readTiles,
  tilePath,
  type Tile,
} from '@countersign/tlog';
import type { LogView } from './log-view.js';

/** Reads a file of the log by its path; undefined where there is none. */
export type ReadFile = (path: string) => Promise<Uint8Array | undefined>;

/** A log as static files (C2SP tlog-tiles), in a folder or behind a URL. */
export function tilesView(read: ReadFile): LogView {
  const tile = async (wanted: Tile): Promise<Uint8Array> => {
    const found = (await read(tilePath(wanted))) ?? (await read(tilePath({ ...wanted, width: TILE_WIDTH })));
    if (found === undefined) throw new Error(`${tilePath(wanted)} is missing`);
    return found.subarray(0, wanted.width * HASH_BYTES);
  };
  return {
    checkpoint: async () => {
      const note = await read(CHECKPOINT_PATH);
      if (note === undefined) throw new Error('there is no log here: one has a file named checkpoint');
      return note;
    },
    consistency: (older, newer) =>
      proveConsistency(
        older.size,
        newer.size,
        readTiles(newer, (tiles) => Promise.all(tiles.map(tile))),
      ),
  };
}
