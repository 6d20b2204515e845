import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import type { Appended, SignedCheckpoint } from '@countersign/ledger';
import {
  HASH_BYTES,
  SIGNATURE_TYPES,
  formatCheckpoint,
  openCheckpoint,
  signNote,
  tilePath,
  verifierKey,
  verifierOf,
  type StoredTile,
  type Tile,
  type TreeHead,
} from '@countersign/tlog';
import type { StoredBundle, TileStore } from '../tiles/tile-store.js';

const ORIGIN = 'example.org/ledger';

/** An audit key in memory. */
export class TestKey {
  private readonly pair = generateKeyPairSync('ed25519');
  readonly key = verifierKey(
    ORIGIN,
    SIGNATURE_TYPES.ed25519,
    Buffer.from(this.pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
  );

  readonly sign = async ({ size, root }: TreeHead): Promise<string> => {
    const text = formatCheckpoint({ origin: ORIGIN, size, root });
    const sign = async (bytes: Uint8Array): Promise<Uint8Array> => signBytes(null, bytes, this.pair.privateKey);
    return signNote({ text, signatures: [] }, [{ ...this.key, sign }]);
  };

  open = (note: string): Omit<SignedCheckpoint, 'sequence'> => {
    const { size, root } = openCheckpoint(note, verifierOf(this.key));
    return { size, root, note };
  };
}

/** The chain of checkpoints, in memory: appends compare, as JetStream's do. */
export class ListChain {
  readonly notes: string[] = [];

  constructor(private readonly key: TestKey) {}

  open = (note: string): Omit<SignedCheckpoint, 'sequence'> => this.key.open(note);

  async last(): Promise<SignedCheckpoint | undefined> {
    const note = this.notes.at(-1);
    return note === undefined ? undefined : { ...this.open(note), sequence: this.notes.length };
  }

  async append(note: string, after: number): Promise<Appended> {
    if (after !== this.notes.length) return { kind: 'conflict' };
    this.notes.push(note);
    return { kind: 'stored', sequence: this.notes.length };
  }
}

/** Tiles in memory, as the stream keeps them: the widest of each place. */
export class MapTiles implements TileStore {
  readonly keepsEntries = true;
  readonly tiles = new Map<string, Uint8Array>();
  readonly bundles = new Map<string, StoredBundle>();

  async read(tiles: readonly Tile[]): Promise<(Uint8Array | undefined)[]> {
    return tiles.map((tile) => {
      const bytes = this.tiles.get(place(tile));
      const wanted = tile.width * HASH_BYTES;
      return bytes === undefined || bytes.length < wanted ? undefined : bytes.subarray(0, wanted);
    });
  }

  async write(tiles: readonly StoredTile[], bundles: readonly StoredBundle[]): Promise<void> {
    for (const { tile, bytes } of tiles)
      if ((this.tiles.get(place(tile))?.length ?? 0) < bytes.length) this.tiles.set(place(tile), bytes);
    for (const stored of bundles) this.bundles.set(String(stored.bundle.index), stored);
  }

  async published(): Promise<undefined> {
    return undefined;
  }

  async publish(): Promise<void> {
    // the chain has it
  }
}

const place = (tile: Tile): string => tilePath({ ...tile, width: 256 });
