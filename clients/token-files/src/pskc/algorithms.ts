/** Algorithms by the fragment of their URIs: makers differ in what stands before it. Undefined for any other. */

const named = (uri: string | undefined): string => (uri ?? '').slice((uri ?? '').lastIndexOf('#') + 1).toLowerCase();

export interface Cipher {
  /** as node:crypto calls it */
  name: string;
  keyBytes: number;
}

/** XML Encryption 1.1, section 5.2: AES in CBC mode. */
export function cipherOf(uri: string | undefined): Cipher | undefined {
  const bits = /^aes(128|192|256)-cbc$/.exec(named(uri))?.[1];
  return bits === undefined ? undefined : { name: `aes-${bits}-cbc`, keyBytes: Number(bits) / 8 };
}

/** The hash of an HMAC, as node:crypto calls it (XML Signature section 6.3; RFC 9231 section 2.2). */
export function hmacHashOf(uri: string | undefined): string | undefined {
  const bits = /^hmac-sha-?(1|224|256|384|512)$/.exec(named(uri))?.[1];
  return bits === undefined ? undefined : `sha${bits}`;
}

export const isPbkdf2 = (uri: string | undefined): boolean => named(uri) === 'pbkdf2';
