import { CHECKPOINT_PATH, HASH_BYTES, TILE_WIDTH, bundlePath, tilePath } from '@countersign/tlog';
import type { Bundle, Tile } from '@countersign/tlog';
import type { LogFiles } from './log-files.js';

/** A file of entries, and how many the name of the file promises. */
export interface StoredBundle {
  width: number;
  bytes: Uint8Array;
}

/** A log as it was downloaded. What is missing is undefined. */
export class StoredLog {
  constructor(private readonly files: LogFiles) {}

  checkpoint(): Uint8Array | undefined {
    return this.files.read(CHECKPOINT_PATH);
  }

  /** May be cut from a wider one, which begins with the same hashes. */
  tile(tile: Tile): Uint8Array | undefined {
    const found = this.widest((width) => tilePath({ ...tile, width }), tile.width);
    return found && found.width > tile.width ? found.bytes.subarray(0, tile.width * HASH_BYTES) : found?.bytes;
  }

  /** As wide as asked for where there is one, else the widest there is. */
  bundle({ index, width }: Bundle): StoredBundle | undefined {
    return this.widest((each) => bundlePath({ index, width: each }), width);
  }

  /** A log can be published without what stands in it. */
  hasEntries(): boolean {
    return this.files.names('tile').includes('entries');
  }

  private widest(named: (width: number) => string, wanted: number): StoredBundle | undefined {
    return this.wide(named, wanted) ?? this.wide(named, TILE_WIDTH) ?? this.wide(named, this.widestPartial(named));
  }

  private wide(named: (width: number) => string, width: number): StoredBundle | undefined {
    const bytes = this.files.read(named(width));
    return bytes && { width, bytes };
  }

  private widestPartial(named: (width: number) => string): number {
    return Math.max(
      1,
      ...this.files
        .names(`${named(TILE_WIDTH)}.p`)
        .map(Number)
        .filter(Number.isSafeInteger),
    );
  }
}
