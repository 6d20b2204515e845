import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '@countersign/runtime';
import { isKeyLength, prepareSeed } from './index.js';
import type { Algorithm } from './index.js';

const mac = (algorithm: Algorithm, key: Buffer) => createHmac(algorithm, key).update('any counter').digest('hex');

describe('a seed made ready for an HSM keeps its codes (node:crypto as the judge)', () => {
  test.each<[Algorithm, number, number]>([
    ['SHA1', 16, 20],
    ['SHA1', 20, 20],
    ['SHA1', 21, 32],
    ['SHA1', 33, 64],
    ['SHA1', 64, 64],
    ['SHA1', 65, 20],
    ['SHA256', 16, 32],
    ['SHA256', 32, 32],
    ['SHA256', 33, 64],
    ['SHA256', 65, 32],
    ['SHA512', 16, 64],
    ['SHA512', 64, 64],
    ['SHA512', 65, 128],
    ['SHA512', 128, 128],
    ['SHA512', 129, 64],
    ['SHA512', 512, 64],
  ])('%s, %i bytes: held in %i', (algorithm, given, held) => {
    const seed = Buffer.from(Array.from({ length: given }, (_, at) => (at * 7 + 1) % 251));
    const prepared = prepareSeed(algorithm, new Secret(seed));
    expect(prepared.length).toBe(held);
    expect(isKeyLength(algorithm, held)).toBe(true);
    expect(mac(algorithm, prepared.reveal())).toBe(mac(algorithm, seed));
  });

  test.each([0, 15, 513])('a seed of %i bytes is refused (RFC 4226 section 4, R6)', (length) => {
    expect(() => prepareSeed('SHA1', new Secret(Buffer.alloc(length)))).toThrow(RangeError);
  });

  test('other lengths are not key lengths', () => {
    expect(isKeyLength('SHA1', 16)).toBe(false);
    expect(isKeyLength('SHA1', 128)).toBe(false);
    expect(isKeyLength('SHA512', 32)).toBe(false);
  });
});
