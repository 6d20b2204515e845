import { createHash } from 'node:crypto';
import { Secret } from '@countersign/runtime';
import { HASH_SIZES } from './algorithm.js';
import type { Algorithm } from './algorithm.js';

/** RFC 4226 section 4, R6: the shared secret has 128 bits at least. */
export const MIN_SEED_BYTES = 16;
/** No seed in use is longer; a limit keeps messages small. */
export const MAX_SEED_BYTES = 512;

/** The lengths in which an HSM holds a seed. */
const KEY_LENGTHS = [20, 32, 64, 128] as const;

/**
 * A seed in a length that HSMs take for an HMAC key: 20, 32, 64 or (SHA512) 128 bytes, never less than the hash's own.
 * The codes stay the same: HMAC fills a key with zeros up to the block, and hashes one longer than it (RFC 2104
 * section 2). Throws RangeError for a seed under 16 or over 512 bytes.
 */
export function prepareSeed(algorithm: Algorithm, seed: Secret): Secret {
  if (seed.length < MIN_SEED_BYTES || seed.length > MAX_SEED_BYTES)
    throw new RangeError(`a seed has ${MIN_SEED_BYTES} to ${MAX_SEED_BYTES} bytes, not ${seed.length}`);
  const { macBytes, blockBytes } = HASH_SIZES[algorithm];
  if (seed.length > blockBytes) return new Secret(createHash(algorithm.toLowerCase()).update(seed.reveal()).digest());
  const wanted = KEY_LENGTHS.find((length) => length >= seed.length && length >= macBytes)!;
  const padded = new Secret(Buffer.alloc(wanted));
  padded.reveal().set(seed.reveal());
  return padded;
}

/** Whether prepareSeed could have made a key of this length for this algorithm. */
export function isKeyLength(algorithm: Algorithm, lengthBytes: number): boolean {
  const { macBytes, blockBytes } = HASH_SIZES[algorithm];
  return KEY_LENGTHS.some((length) => length === lengthBytes && length >= macBytes && length <= blockBytes);
}
