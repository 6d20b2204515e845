import { describe, expect, test } from '@jest/globals';
import { Secret } from '@countersign/runtime';
import { buildOtpauth, decodeBase32, encodeBase32, isWidelyUnderstood, parseOtpauth } from './index.js';

describe('base32', () => {
  test.each([
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('%s is %s (RFC 4648 section 10, without padding)', (text, encoded) => {
    expect(encodeBase32(Secret.fromText(text))).toBe(encoded);
    expect(decodeBase32(encoded).reveal().toString()).toBe(text);
  });

  test('blanks, dashes, padding and lower case are read', () => {
    expect(decodeBase32('mzxw 6ytb-oi======').reveal().toString()).toBe('foobar');
  });

  test('64 KiB of signs of padding before a letter are refused at once', () => {
    const started = process.hrtime.bigint();
    expect(() => decodeBase32(`MZXW6${'='.repeat(65_536)}A`)).toThrow('not base32');
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(1000); // a pattern that starts anew at each sign takes several seconds
  });

  test.each(['', '0189', 'MZXW6!', 'MZX=W6', 'MZXW6ß', 'MZXW6ſ'])('%j is refused without being shown', (text) => {
    expect(() => decodeBase32(text)).toThrow('not base32');
  });
});

describe('otpauth URIs', () => {
  // the example of the Key Uri Format page
  const EXAMPLE =
    'otpauth://totp/ACME%20Co:john.doe@email.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ&issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30';

  test('the published example is read, and written again with every sign escaped', () => {
    const uri = parseOtpauth(EXAMPLE);
    expect(uri).toMatchObject({ type: 'totp', issuer: 'ACME Co', account: 'john.doe@email.com', stepSeconds: 30 });
    expect(uri.secret.reveal().toString('hex')).toBe('3dc6caa4824a6d288767b2331e20b43166cb85d9');
    expect(buildOtpauth(uri)).toBe(EXAMPLE.replace('john.doe@email', 'john.doe%40email'));
    expect(isWidelyUnderstood(uri)).toBe(true);
  });

  test('what a URI leaves out is SHA1, 6 digits, 30 s', () => {
    const uri = parseOtpauth('otpauth://totp/alice?secret=MZXW6YTBOI');
    expect(uri).toMatchObject({ account: 'alice', algorithm: 'SHA1', digits: 6, stepSeconds: 30 });
    expect(uri.issuer).toBeUndefined();
  });

  test('odd names survive a round', () => {
    const secret = Secret.fromText('12345678901234567890');
    const odd = { type: 'hotp', issuer: 'Öl & Gas?', account: 'a+b/c=d%:é', secret, counter: 7 } as const;
    const text = buildOtpauth({ ...odd, algorithm: 'SHA512', digits: 8 });
    const back = parseOtpauth(text);
    expect(back).toMatchObject({ type: 'hotp', issuer: odd.issuer, account: odd.account, counter: 7, digits: 8 });
    expect(back.secret.reveal()).toEqual(secret.reveal());
    expect(isWidelyUnderstood(back)).toBe(false);
    // Node's own reader of URLs agrees
    expect(new URL(text).searchParams.get('issuer')).toBe(odd.issuer);
  });

  test('names that the format cannot carry are refused', () => {
    const rest = { type: 'totp', secret: Secret.fromText('x'), algorithm: 'SHA1', digits: 6, stepSeconds: 30 } as const;
    expect(() => buildOtpauth({ ...rest, account: ' ' })).toThrow(RangeError);
    expect(() => buildOtpauth({ ...rest, account: 'a\ud800' })).toThrow(RangeError);
    expect(() => buildOtpauth({ ...rest, account: 'a', issuer: '\udc00' })).toThrow(RangeError);
    expect(() => buildOtpauth({ ...rest, account: 'a', issuer: 'A:B' })).toThrow(RangeError);
    expect(() => buildOtpauth({ ...rest, account: 'a:b' })).toThrow(RangeError);
  });

  test.each([
    'https://example.org/',
    'otpauth://yaotp/alice?secret=MZXW6YTBOI',
    'otpauth://totp/?secret=MZXW6YTBOI',
    'otpauth://totp/alice?issuer=x',
    'otpauth://totp/alice?secret=MZXW6YTBOI&secret=MZXW6YTBOI',
    'otpauth://totp/alice?secret=MZXW6YTBOI&digits=10',
    'otpauth://totp/alice?secret=MZXW6YTBOI&period=0',
    'otpauth://totp/alice?secret=MZXW6YTBOI&algorithm=MD5',
    'otpauth://totp/%zz?secret=MZXW6YTBOI',
    'otpauth://hotp/alice?secret=MZXW6YTBOI',
  ])('%s is refused, and the error does not hold the secret', (text) => {
    let message = '';
    try {
      parseOtpauth(text);
    } catch (error) {
      message = String(error);
    }
    expect(message).toMatch(/^RangeError/);
    expect(message).not.toContain('MZXW6');
  });
});
