import { GrowingTiles, TILE_WIDTH, encodeBundle, leafHash, type Hash, type StoredTile } from '@countersign/tlog';
import type { StoredBundle } from '../tiles/tile-store.js';

/** The log's tree while it grows entry by entry, and what of it is to be stored. */
export class Growth {
  private filled: StoredTile[] = [];
  private bundles: StoredBundle[] = [];

  private constructor(
    private readonly tiles: GrowingTiles,
    /** those of the bundle that is not full; empty where nobody wants them */
    private entries: Uint8Array[],
    private readonly keepsEntries: boolean,
  ) {}

  static empty(keepsEntries: boolean): Growth {
    return new Growth(new GrowingTiles(), [], keepsEntries);
  }

  /** Goes on where a tree stood; `entries` are those after its last full bundle. Throws TlogError. */
  static from(size: number, partial: readonly StoredTile[], entries: Uint8Array[], keepsEntries: boolean): Growth {
    return new Growth(GrowingTiles.from(size, partial), keepsEntries ? entries : [], keepsEntries);
  }

  /** One that can grow on and be dropped. */
  copy(): Growth {
    return Growth.from(this.size, this.tiles.partial(), [...this.entries], this.keepsEntries);
  }

  get size(): number {
    return this.tiles.size;
  }

  root(): Hash {
    return this.tiles.root();
  }

  append(entry: Uint8Array): void {
    this.filled.push(...this.tiles.append(leafHash(entry)));
    if (!this.keepsEntries) return;
    this.entries.push(entry);
    if (this.entries.length < TILE_WIDTH) return;
    this.bundles.push(this.bundle());
    this.entries = [];
  }

  /** What became full since this was asked last. */
  takeFull(): { tiles: StoredTile[]; bundles: StoredBundle[] } {
    const { filled: tiles, bundles } = this;
    this.filled = [];
    this.bundles = [];
    return { tiles, bundles };
  }

  /** What is not full, as it is now. */
  partial(): { tiles: StoredTile[]; bundles: StoredBundle[] } {
    return { tiles: this.tiles.partial(), bundles: this.entries.length > 0 ? [this.bundle()] : [] };
  }

  private bundle(): StoredBundle {
    const index = Math.ceil(this.size / TILE_WIDTH) - 1;
    return { bundle: { index, width: this.entries.length }, bytes: encodeBundle(this.entries) };
  }
}
