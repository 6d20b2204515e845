import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '@countersign/runtime';
import { groupedRecoveryCode, recoveryCodeFromMac, recoverySheet } from './index.js';

interface Vectors {
  sheets: { key_hex: string; codes: { hmac_sha256_hex: string; code: string; shown: string }[] }[];
}
const file = new URL('../../../test/vectors/recovery-codes-v1.json', import.meta.url);
const { sheets } = JSON.parse(readFileSync(file, 'utf8')) as Vectors;

describe('recovery codes, as Python computed them', () => {
  test.each(sheets)('of the key $key_hex', ({ key_hex: hex, codes }) => {
    using key = new Secret(Buffer.from(hex, 'hex'));
    expect(recoverySheet(key, 10)).toEqual(codes.map(({ shown }) => shown));
    for (const { hmac_sha256_hex: mac, code, shown } of codes) {
      expect(recoveryCodeFromMac(Buffer.from(mac, 'hex'))).toBe(code);
      expect(groupedRecoveryCode(code)).toBe(shown);
    }
  });

  test('of the smallest and the largest MAC; never of one that was cut', () => {
    expect(recoveryCodeFromMac(new Uint8Array(32))).toBe('0000000000');
    expect(recoveryCodeFromMac(new Uint8Array(32).fill(255))).toBe('zzzzzzzzzz');
    expect(() => recoveryCodeFromMac(new Uint8Array(19))).toThrow(RangeError);
  });
});
