import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '@countersign/runtime';
import { unwrapKey, unwrapKeyOf, wrapKey } from './index.js';

interface Wrap {
  section: string;
  kek_hex: string;
  key_data_hex: string;
  ciphertext_hex: string;
}

const file = new URL('../../../test/vectors/rfc3394-rfc5649-aeskw.json', import.meta.url);
const rfc: { rfc5649: Wrap[] } = JSON.parse(readFileSync(file, 'utf8'));
const secret = (hex: string) => new Secret(Buffer.from(hex, 'hex'));

describe('RFC 5649 section 6', () => {
  test.each(rfc.rfc5649)('$section, both ways', ({ kek_hex, key_data_hex, ciphertext_hex }) => {
    expect(wrapKey(secret(kek_hex), secret(key_data_hex)).toString('hex')).toBe(ciphertext_hex);
    const opened = unwrapKey(secret(kek_hex), Buffer.from(ciphertext_hex, 'hex'));
    expect(opened.reveal().toString('hex')).toBe(key_data_hex);
  });

  test.each(rfc.rfc5649)('$section does not open when a bit is changed', ({ kek_hex, ciphertext_hex }) => {
    const changed = Buffer.from(ciphertext_hex, 'hex');
    changed[3]! ^= 1;
    expect(() => unwrapKey(secret(kek_hex), changed)).toThrow('does not open');
  });
});

describe('a key of a stated length', () => {
  const kek = new Secret(Buffer.alloc(32, 7));
  const wrapped = (...bytes: number[]) => wrapKey(kek, new Secret(Buffer.from(bytes)));
  const twenty = Array.from({ length: 20 }, (_, at) => at + 1);

  test('the four zeros that an HSM puts behind 20 bytes are cut off', () => {
    expect([...unwrapKeyOf(20, kek, wrapped(...twenty, 0, 0, 0, 0)).reveal()]).toEqual(twenty);
    expect([...unwrapKeyOf(20, kek, wrapped(...twenty)).reveal()]).toEqual(twenty);
  });

  test('anything else behind it, or less than it, is refused', () => {
    expect(() => unwrapKeyOf(20, kek, wrapped(...twenty, 0, 0, 0, 1))).toThrow('another length');
    expect(() => unwrapKeyOf(20, kek, wrapped(...twenty, 0, 0, 0, 0, 0, 0, 0, 0))).toThrow('another length');
    expect(() => unwrapKeyOf(32, kek, wrapped(...twenty))).toThrow('another length');
  });
});
