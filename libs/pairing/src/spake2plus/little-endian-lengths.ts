/** RFC 9383 sections 3.2 and 3.3: each item as 8 bytes of length, little-endian, and its content. Text is UTF-8. */
export function withLengths(items: readonly (Uint8Array | string)[]): Uint8Array {
  const contents = items.map((item) => (typeof item === 'string' ? new TextEncoder().encode(item) : item));
  const bytes = new Uint8Array(contents.reduce((sum, { length }) => sum + 8 + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const content of contents) {
    view.setBigUint64(at, BigInt(content.length), true);
    bytes.set(content, at + 8);
    at += 8 + content.length;
  }
  return bytes;
}
