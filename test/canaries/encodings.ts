/** Bytes to search for, and what they stand for. */
export interface Pattern {
  /** whose: for the report */
  canary: string;
  /** in which form: 'hex', 'base64' ... */
  form: string;
  bytes: Buffer;
}

/** So much of a secret is searched for: 128 bits meet by chance nowhere, and a part that leaked is found too. */
export const CANARY_BYTES = 16;

/**
 * Every form in which the beginning of a secret could lie about. A base64 text has three ways to hold the same bytes,
 * by where they begin in it, and base32 five: a secret inside of something longer is found too.
 */
export function formsOf(canary: string, secret: Uint8Array): Pattern[] {
  if (secret.length < CANARY_BYTES) throw new RangeError(`a canary has ${CANARY_BYTES} bytes at least`);
  const bytes = Buffer.from(secret.subarray(0, CANARY_BYTES));
  const hex = bytes.toString('hex');
  const base64 = shifted(bytes, 3, 6, (all) => all.toString('base64'));
  const base32 = shifted(bytes, 5, 5, inBase32);
  const texts: [string, string[]][] = [
    ['hex', [hex]],
    ['HEX', [hex.toUpperCase()]],
    ['hex in pairs, as Node shows a Buffer', [hex.replace(/..(?!$)/g, '$& ')]],
    ['decimal, as JSON shows a Buffer', [bytes.join(','), bytes.join(', ')]],
    ['base32', base32],
    ['base32, lower case', base32.map((text) => text.toLowerCase())],
    ['base64', base64],
    ['base64url', base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))],
  ];
  const written = texts.flatMap(([form, all]) => all.map((text) => ({ canary, form, bytes: Buffer.from(text) })));
  return [{ canary, form: 'raw', bytes }, ...written];
}

/** A code as JSON holds it, also inside of a text in JSON. Bare digits would be found in every timestamp. */
export function quoted(code: string): Pattern[] {
  return [
    { canary: code, form: 'JSON string', bytes: Buffer.from(`"${code}"`) },
    { canary: code, form: 'JSON string in a JSON string', bytes: Buffer.from(`\\"${code}\\"`) },
  ];
}

/** The characters that depend on `bytes` alone, for each place in a group where they could begin. */
function shifted(bytes: Buffer, groupBytes: number, bitsEach: number, encode: (all: Buffer) => string): string[] {
  return Array.from({ length: groupBytes }, (_, before) => {
    const text = encode(Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(groupBytes)]));
    const first = Math.ceil((before * 8) / bitsEach);
    const end = Math.floor(((before + bytes.length) * 8) / bitsEach);
    return text.slice(first, end);
  });
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 section 6, whole characters only; written apart from the product. */
function inBase32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[parseInt(five, 2)]).join('');
}
