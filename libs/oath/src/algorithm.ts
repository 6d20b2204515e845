/** The hash inside the HMAC. RFC 4226 knows SHA-1 only; RFC 6238 section 1.2 adds the others. */
export const ALGORITHMS = ['SHA1', 'SHA256', 'SHA512'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** Six to eight digits: RFC 4226 section 5.3 asks for six at least, and nine would waste most of the 31 bits. */
export const DIGITS = [6, 7, 8] as const;
export type Digits = (typeof DIGITS)[number];

export function isAlgorithm(value: unknown): value is Algorithm {
  return ALGORITHMS.includes(value as Algorithm);
}

export function isDigits(value: unknown): value is Digits {
  return DIGITS.includes(value as Digits);
}

interface HashSize {
  /** length of a MAC */
  macBytes: number;
  /** a key longer than this is hashed first (RFC 2104 section 2) */
  blockBytes: number;
}

export const HASH_SIZES: Record<Algorithm, HashSize> = {
  SHA1: { macBytes: 20, blockBytes: 64 },
  SHA256: { macBytes: 32, blockBytes: 64 },
  SHA512: { macBytes: 64, blockBytes: 128 },
};
