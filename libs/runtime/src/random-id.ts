import type { RandomBytes } from './random.js';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'; // Crockford's base32: 5 bits a character, none mistaken for another

/** A random id of `length` characters, 5 bits each; never begins with a reserved character. */
export function randomId(random: RandomBytes, length: number): string {
  let id = '';
  for (const byte of random.bytes(length)) id += ALPHABET[byte & 31];
  return id;
}
