import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '@countersign/runtime';
import { codeFromMac, counterBytes, dynamicTruncate, hotp, stepBeginsMs, timeStep, totp } from './index.js';
import type { Algorithm, Digits } from './index.js';

const vectors = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../test/vectors/${name}`, import.meta.url), 'utf8'));

interface Rfc4226 {
  secret_hex: string;
  vectors: { counter: number; hmac_sha1_hex: string; truncated_dec: number; otp6: string }[];
}
interface Rfc6238 {
  secrets_hex: Record<string, string>;
  period: number;
  t0: number;
  vectors: { unix_time: number; T_hex: string; algorithm: string; otp8: string }[];
}

describe('RFC 4226 appendix D', () => {
  const rfc: Rfc4226 = vectors('rfc4226-hotp.json');
  const key = new Secret(Buffer.from(rfc.secret_hex, 'hex'));

  test.each(rfc.vectors)('counter $counter shows $otp6', ({ counter, otp6 }) => {
    expect(hotp(key, counter, { algorithm: 'SHA1', digits: 6 })).toBe(otp6);
  });

  test.each(rfc.vectors)('the MAC of counter $counter truncates to $truncated_dec', (row) => {
    const mac = Buffer.from(row.hmac_sha1_hex, 'hex');
    expect(dynamicTruncate(mac)).toBe(row.truncated_dec);
    expect(codeFromMac(mac, 6)).toBe(row.otp6);
  });
});

describe('RFC 6238 appendix B', () => {
  const rfc: Rfc6238 = vectors('rfc6238-totp.json');

  test.each(rfc.vectors)('$algorithm at $unix_time shows $otp8', ({ unix_time, T_hex, algorithm, otp8 }) => {
    const key = new Secret(Buffer.from(rfc.secrets_hex[algorithm]!, 'hex'));
    const parameters = {
      algorithm: algorithm.toUpperCase() as Algorithm,
      digits: 8 as Digits,
      t0Seconds: rfc.t0,
      stepSeconds: rfc.period,
    };
    expect(totp(key, unix_time * 1000, parameters)).toBe(otp8);
    expect(timeStep(unix_time * 1000, rfc.t0, rfc.period)).toBe(Number.parseInt(T_hex, 16));
    // the same moment counted from another T0, also one before 1970, is the same step
    expect(totp(key, 0, { ...parameters, t0Seconds: rfc.t0 - unix_time })).toBe(otp8);
    expect(totp(key, unix_time * 1000 + 86_400_000, { ...parameters, t0Seconds: rfc.t0 + 86_400 })).toBe(otp8);
  });
});

describe('time steps', () => {
  test('a step begins and ends on its second', () => {
    expect(timeStep(29_999, 0, 30)).toBe(0);
    expect(timeStep(30_000, 0, 30)).toBe(1);
    expect(stepBeginsMs(1, 0, 30)).toBe(30_000);
    expect(timeStep(999, 1, 30)).toBe(-1);
  });

  test('a counter is 8 bytes, big-endian, exact up to 2^53-1', () => {
    expect(counterBytes(2 ** 40 + 1).toString('hex')).toBe('0000010000000001');
    expect(counterBytes(Number.MAX_SAFE_INTEGER).toString('hex')).toBe('001fffffffffffff');
    expect(() => counterBytes(2 ** 53)).toThrow(RangeError);
  });

  test('there is no code before T0, of a negative counter, or of a short MAC', () => {
    const key = new Secret(Buffer.alloc(20, 1));
    expect(() => totp(key, 0, { algorithm: 'SHA1', digits: 6, t0Seconds: 1, stepSeconds: 30 })).toThrow(RangeError);
    expect(() => hotp(key, -1, { algorithm: 'SHA1', digits: 6 })).toThrow();
    expect(() => dynamicTruncate(Buffer.alloc(16))).toThrow(RangeError);
  });
});
