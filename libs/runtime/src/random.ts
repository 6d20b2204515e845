import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'; // Crockford's base32: 5 bits a character, none mistaken for another

/** Randomness as an argument. */
export interface Random {
  bytes(length: number): Buffer;
}

export class SystemRandom implements Random {
  bytes(length: number): Buffer {
    return randomBytes(length);
  }
}

/** A random id of `length` characters, 5 bits each; never begins with a reserved character. */
export function randomId(random: Random, length: number): string {
  let id = '';
  for (const byte of random.bytes(length)) id += ALPHABET[byte & 31];
  return id;
}
