import { describe, expect, test } from '@jest/globals';
import type { Algorithm } from '@countersign/contracts';
import { checkWrappedSeed } from './wrapped-seed.js';

/** RFC 5649: 8 bytes more than the key filled up to whole blocks of 8. */
const cases: { algorithm: Algorithm; bytes: number; fits: boolean }[] = [
  { algorithm: 'SHA1', bytes: 32, fits: true }, // 20 bytes: section 6 of the RFC wraps so many in 32
  { algorithm: 'SHA1', bytes: 40, fits: true },
  { algorithm: 'SHA1', bytes: 72, fits: true },
  { algorithm: 'SHA1', bytes: 136, fits: false }, // longer than SHA-1's block: such a seed is hashed first
  { algorithm: 'SHA1', bytes: 24, fits: false },
  { algorithm: 'SHA256', bytes: 32, fits: false }, // shorter than the hash
  { algorithm: 'SHA256', bytes: 40, fits: true },
  { algorithm: 'SHA256', bytes: 72, fits: true },
  { algorithm: 'SHA512', bytes: 40, fits: false },
  { algorithm: 'SHA512', bytes: 72, fits: true },
  { algorithm: 'SHA512', bytes: 136, fits: true },
  { algorithm: 'SHA512', bytes: 73, fits: false },
];

describe('a wrapped seed', () => {
  test.each(cases)('of $bytes bytes for $algorithm: $fits', ({ algorithm, bytes, fits }) => {
    const check = (): void => checkWrappedSeed(algorithm, Buffer.alloc(bytes, 7).toString('base64url'));
    if (fits) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  test('has one spelling', () => {
    const spelled = Buffer.alloc(32, 7).toString('base64url'); // 43 characters, the last with two bits to spare
    expect(() => checkWrappedSeed('SHA1', spelled.slice(0, -1) + 'd')).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});
