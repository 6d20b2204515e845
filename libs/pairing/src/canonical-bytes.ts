/** One value of a canonical encoding. Numbers are whole, from -(2^53-1) to 2^53-1. */
export type Field = string | number | Uint8Array;

const utf8 = new TextEncoder();

/**
 * Bytes that stand for exactly one list of values: the domain, then each field, each as 4 bytes of length (big-endian)
 * and its content. Text is UTF-8, a number 8 bytes big-endian (two's complement). A domain fixes how many fields
 * follow and of which kind, so two different lists never meet in the same bytes.
 */
export function canonicalBytes(domain: string, fields: readonly Field[]): Uint8Array {
  const contents = [domain, ...fields].map(contentOf);
  const bytes = new Uint8Array(contents.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const content of contents) {
    view.setUint32(at, content.length);
    bytes.set(content, at + 4);
    at += 4 + content.length;
  }
  return bytes;
}

function contentOf(field: Field): Uint8Array {
  if (typeof field === 'string') return utf8.encode(field);
  if (typeof field !== 'number') return field;
  if (!Number.isSafeInteger(field))
    throw new RangeError('a number in a canonical encoding is whole, within 2^53-1 of 0');
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(field));
  return bytes;
}
