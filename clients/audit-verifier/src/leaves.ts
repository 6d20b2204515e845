import { HASH_BYTES, TILE_WIDTH, TlogError, decodeBundle, leafHash } from '@countersign/tlog';
import type { Hash } from '@countersign/tlog';
import type { StoredLog } from './stored-log.js';

/** The hashes of entries `from` to `size`, out of the bundles; it ends early where a bundle is not what it should be. */
export function* entryHashes(log: StoredLog, size: number, from = 0): Generator<Hash, void> {
  for (const { index, width, skip } of rows(size, from)) {
    const found = log.bundle({ index, width });
    const entries = found && decoded(found.bytes, found.width);
    if (entries === undefined || entries.length < width) return;
    for (const entry of entries.slice(skip, width)) yield leafHash(entry);
  }
}

/** The same hashes, out of the tiles; it ends early where a tile is missing or too short. */
export function* tileHashes(log: StoredLog, size: number, from = 0): Generator<Hash, void> {
  for (const { index, width, skip } of rows(size, from)) {
    const bytes = log.tile({ level: 0, index, width });
    if (bytes?.length !== width * HASH_BYTES) return;
    for (let at = skip; at < width; at += 1) yield bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
  }
}

/** Every entry that can be made out, up to the last bundle there is; what is cut off is an entry, too. */
export function* legibleEntries(log: StoredLog, size: number): Generator<Uint8Array, void> {
  for (let index = 0; ; index += 1) {
    const width = Math.min(TILE_WIDTH, Math.max(1, size - index * TILE_WIDTH));
    const found = log.bundle({ index, width });
    if (found !== undefined) yield* pieces(found.bytes);
    else if (index * TILE_WIDTH >= size) return;
  }
}

interface Row {
  /** of a bundle, and of the tile with its hashes */
  index: number;
  width: number;
  /** entries at its beginning that are not wanted */
  skip: number;
}

function* rows(size: number, from: number): Generator<Row, void> {
  for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < size; index += 1) {
    const first = index * TILE_WIDTH;
    yield { index, width: Math.min(TILE_WIDTH, size - first), skip: Math.max(0, from - first) };
  }
}

function decoded(bytes: Uint8Array, width: number): Uint8Array[] | undefined {
  try {
    return decodeBundle(bytes, width);
  } catch (error) {
    if (error instanceof TlogError) return undefined;
    throw error;
  }
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array, void> {
  for (let at = 0; at < bytes.length;) {
    const length = at + 1 < bytes.length ? ((bytes[at] as number) << 8) | (bytes[at + 1] as number) : Infinity;
    yield bytes.subarray(at + 2, at + 2 + length);
    at += 2 + length;
  }
}
