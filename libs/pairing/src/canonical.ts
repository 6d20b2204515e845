/** One value of a canonical encoding. Numbers are whole, from -(2^53-1) to 2^53-1. */
export type Field = string | number | Uint8Array;

/**
 * Bytes that stand for exactly one list of values: the domain, then each field, each as 4 bytes of length (big-endian)
 * and its content. Text is UTF-8, a number 8 bytes big-endian (two's
 * complement). A domain fixes how many fields follow and of which
 * kind, so two different lists never meet in the same bytes.
 */
export function canonical(domain: string, fields: readonly Field[]): Buffer {
  const parts = [domain, ...fields].flatMap((field) => {
    const content = contentOf(field);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    return [length, content];
  });
  return Buffer.concat(parts);
}

function contentOf(field: Field): Uint8Array {
  if (typeof field === 'string') return Buffer.from(field, 'utf8');
  if (typeof field !== 'number') return field;
  if (!Number.isSafeInteger(field))
    throw new RangeError('a number in a canonical encoding is whole, within 2^53-1 of 0');
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(field));
  return bytes;
}
