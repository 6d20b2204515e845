/** A moving factor as HMAC sees it: 8 bytes, big-endian (RFC 4226 section 5.1). Throws RangeError outside 0..2^53-1. */
export function factorBytes(counter: number): Uint8Array<ArrayBuffer> {
  if (!Number.isSafeInteger(counter) || counter < 0)
    throw new RangeError('a counter is a whole number from 0 to 2^53-1');
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(counter));
  return bytes;
}
