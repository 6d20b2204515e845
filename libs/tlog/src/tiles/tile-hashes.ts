import type { Hash } from '../hashing/hash.js';
import { HASH_BYTES, nodeHash } from '../hashing/hash.js';
import { TlogError } from '../tlog-error.js';
import type { Tile } from './tile.js';
import { tilePath } from './tile-path.js';

/** Throws TlogError `tile`. */
export function checkTile(tile: Tile, bytes: Uint8Array): Uint8Array {
  const expected = tile.width * HASH_BYTES;
  if (bytes.length !== expected)
    throw new TlogError('tile', `${tilePath(tile)} must have ${expected} bytes, not ${bytes.length}`);
  return bytes;
}

export const hashIn = (bytes: Uint8Array, at: number): Hash => bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);

/** The node above `count` hashes of a tile, a power of two, from `at` on. */
export function nodeIn(bytes: Uint8Array, at: number, count: number): Hash {
  if (count === 1) return hashIn(bytes, at);
  const half = count / 2;
  return nodeHash(nodeIn(bytes, at, half), nodeIn(bytes, at + half, half));
}
