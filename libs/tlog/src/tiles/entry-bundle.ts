import { MAX_LEAF_BYTES } from '../hashing/hash.js';
import { TlogError } from '../tlog-error.js';
import { TILE_WIDTH } from './tile.js';

const LENGTH_BYTES = 2;

/** Entries, each after its length in two bytes, big-endian (C2SP tlog-tiles). Throws TlogError `leaf` or `bundle`. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length < 1 || entries.length > TILE_WIDTH)
    throw new TlogError('bundle', `a bundle has 1 to ${TILE_WIDTH} entries, not ${entries.length}`);
  return Buffer.concat(
    entries.flatMap((entry) => {
      if (entry.length > MAX_LEAF_BYTES)
        throw new TlogError('leaf', `a leaf has at most ${MAX_LEAF_BYTES} bytes, not ${entry.length}`);
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(entry.length);
      return [length, entry];
    }),
  );
}

/** Exactly so many entries; they share the memory of `bytes`. Throws TlogError `bundle`. */
export function decodeBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length && entries.length < width) {
    const length =
      at + LENGTH_BYTES > bytes.length ? Infinity : ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    const from = at + LENGTH_BYTES;
    at = from + length;
    if (at > bytes.length) throw new TlogError('bundle', `entry ${entries.length} of the bundle is cut off`);
    entries.push(bytes.subarray(from, at));
  }
  if (entries.length !== width || at !== bytes.length)
    throw new TlogError('bundle', `a bundle of ${width} entries must hold these and nothing else`);
  return entries;
}
