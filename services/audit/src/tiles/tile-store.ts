import type { Bundle, StoredTile, Tile } from '@countersign/tlog';

/** Entries as tlog-tiles bundles them. */
export interface StoredBundle {
  bundle: Bundle;
  bytes: Uint8Array;
}

/**
 * Where a log's tiles are kept. Everything in it can be made again from the ledger, and nothing of it is believed: who
 * reads a tree out of it compares with a signed root.
 */
export interface TileStore {
  /** whether it wants the entries, too */
  readonly keepsEntries: boolean;
  /** Each tile's bytes, of a wider tile's beginning if need be; undefined where there is none. Throws UNAVAILABLE. */
  read(tiles: readonly Tile[]): Promise<(Uint8Array | undefined)[]>;
  /** Resolves when all of it is kept. Throws UNAVAILABLE, and Doubt SPLIT where another tree's tile is in the place. */
  write(tiles: readonly StoredTile[], bundles: readonly StoredBundle[]): Promise<void>;
  /** The checkpoint it was given last, a note; undefined where there is none, or it is kept elsewhere. */
  published(): Promise<string | undefined>;
  /** What the checkpoint is of was written before. */
  publish(checkpoint: string): Promise<void>;
}
