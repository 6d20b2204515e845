import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { dataInput, isFullQuestion, parseSuite, questionBits, questionFrom, responseFromMac } from './index.js';
import type { OcraInputs } from './index.js';

const vectors = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../../test/vectors/${name}`, import.meta.url), 'utf8'));

interface Rfc6287 {
  pin_sha1_hex: string;
  vectors: {
    section: string;
    suite: string;
    key_hex: string;
    Q: string;
    C?: number;
    P?: string;
    T?: string;
    ocra: string;
  }[];
}
interface Others {
  vectors: {
    suite: string;
    key_hex: string;
    question: string;
    counter?: number;
    pin_hash_hex?: string;
    session_hex?: string;
    step?: number;
    response: string;
  }[];
}

const bytes = (hex: string) => Buffer.from(hex, 'hex');

function response(text: string, key: string, inputs: OcraInputs): string {
  const suite = parseSuite(text);
  const mac = createHmac(suite.algorithm.toLowerCase(), bytes(key)).update(dataInput(suite, inputs)).digest();
  return responseFromMac(suite, mac);
}

describe('RFC 6287 appendix C', () => {
  const rfc: Rfc6287 = vectors('rfc6287-ocra.json');

  test.each(rfc.vectors)('$section: $suite, question $Q shows $ocra', ({ suite, key_hex, Q, C, P, T, ocra }) => {
    const inputs = {
      question: Q,
      ...(C !== undefined && { counter: C }),
      ...(P !== undefined && { pinHash: bytes(rfc.pin_sha1_hex) }),
      ...(T !== undefined && { step: Number.parseInt(T, 16) }),
    };
    expect(response(suite, key_hex, inputs)).toBe(ocra);
  });

  test('there are 70', () => expect(rfc.vectors.length).toBe(70));
});

describe('what two other implementations computed', () => {
  const others: Others = vectors('ocra/others.json');

  test.each(others.vectors)(
    '$suite, question $question shows $response',
    ({ suite, key_hex, response: shown, ...given }) => {
      const { question, counter, pin_hash_hex, session_hex, step } = given;
      const inputs = {
        question,
        ...(counter !== undefined && { counter }),
        ...(pin_hash_hex !== undefined && { pinHash: bytes(pin_hash_hex) }),
        ...(session_hex !== undefined && { session: bytes(session_hex) }),
        ...(step !== undefined && { step }),
      };
      expect(response(suite, key_hex, inputs)).toBe(shown);
    },
  );
});

describe('suites', () => {
  test('every part is read', () => {
    expect(parseSuite('OCRA-1:HOTP-SHA512-8:C-QA10-PSHA256-S064-T2H')).toEqual({
      text: 'OCRA-1:HOTP-SHA512-8:C-QA10-PSHA256-S064-T2H',
      ...{ algorithm: 'SHA512', digits: 8, counter: true, question: { format: 'A', maxLength: 10 } },
      ...{ pinHash: 'SHA256', sessionBytes: 64, stepSeconds: 7200 },
    });
    expect(parseSuite('OCRA-1:HOTP-SHA1-0:QH64')).toMatchObject({ digits: 0, counter: false });
  });

  test.each([
    ['', 'the version'],
    ['OCRA-2:HOTP-SHA1-6:QN08', 'the version'],
    ['ocra-1:HOTP-SHA1-6:QN08', 'the version'],
    ['OCRA-1', 'the function'],
    ['OCRA-1:TOTP-SHA1-6:QN08', 'the function'],
    ['OCRA-1:HOTP-SHA1-3:QN08', 'the function'],
    ['OCRA-1:HOTP-SHA1-11:QN08', 'the function'],
    ['OCRA-1:HOTP-SHA1-06:QN08', 'the function'],
    ['OCRA-1:HOTP-MD5-6:QN08', 'the hash'],
    ['OCRA-1:HOTP-sha1-6:QN08', 'the hash'],
    ['OCRA-1:HOTP-SHA1-6', 'the suite'],
    ['OCRA-1:HOTP-SHA1-6:QN08:QN08', 'the suite'],
    ['OCRA-1:HOTP-SHA1-6:', 'the question'],
    ['OCRA-1:HOTP-SHA1-6:C', 'the question'],
    ['OCRA-1:HOTP-SHA1-6:C1-QN08', 'the counter'],
    ['OCRA-1:HOTP-SHA1-6:Q', 'the question'],
    ['OCRA-1:HOTP-SHA1-6:QB08', 'the question'],
    ['OCRA-1:HOTP-SHA1-6:QN8', 'the question'],
    ['OCRA-1:HOTP-SHA1-6:QN03', 'the question'],
    ['OCRA-1:HOTP-SHA1-6:QN65', 'the question'],
    ['OCRA-1:HOTP-SHA1-6:QN08-PMD5', 'the hash of the PIN'],
    ['OCRA-1:HOTP-SHA1-6:QN08-P', 'the hash of the PIN'],
    ['OCRA-1:HOTP-SHA1-6:QN08-S', 'the session'],
    ['OCRA-1:HOTP-SHA1-6:QN08-S000', 'the session'],
    ['OCRA-1:HOTP-SHA1-6:QN08-S513', 'the session'],
    ['OCRA-1:HOTP-SHA1-6:QN08-T', 'the time step'],
    ['OCRA-1:HOTP-SHA1-6:QN08-T0M', 'the time step'],
    ['OCRA-1:HOTP-SHA1-6:QN08-T60S', 'the time step'],
    ['OCRA-1:HOTP-SHA1-6:QN08-T49H', 'the time step'],
    ['OCRA-1:HOTP-SHA1-6:QN08-T1M-S064', 'the data input'],
    ['OCRA-1:HOTP-SHA1-6:QN08-QN08', 'the data input'],
    ['OCRA-1:HOTP-SHA1-6:QN08-', 'the data input'],
    ['OCRA-1:HOTP-SHA1-6:QN08 ', 'the question'],
    ['OCRA-1:HOTP-SHA1-6:QN08\n', 'the question'],
  ])('%j is refused for %s', (text, part) => {
    expect(() => parseSuite(text)).toThrow(RangeError);
    expect(() => parseSuite(text)).toThrow(new RegExp(`^${part} of an OCRA suite`));
  });
});

describe('inputs', () => {
  const all = parseSuite('OCRA-1:HOTP-SHA1-6:C-QN08-PSHA1-S008-T1M');
  const inputs = { question: '12345678', counter: 1, pinHash: Buffer.alloc(20), session: Buffer.alloc(8), step: 1 };

  test.each([
    ['no counter', { counter: undefined }],
    ['no PIN', { pinHash: undefined }],
    ['a PIN that is no SHA-1', { pinHash: Buffer.alloc(32) }],
    ['no session', { session: undefined }],
    ['a session that is too long', { session: Buffer.alloc(9) }],
    ['no time step', { step: undefined }],
    ['an empty question', { question: '' }],
    ['a question of letters', { question: '1234567a' }],
    ['a question in other digits', { question: '１２３４５６７８' }],
    ['a question that is longer than two', { question: '1'.repeat(17) }],
  ])('%s is refused', (_name, change) => {
    expect(() => dataInput(all, { ...inputs, ...change })).toThrow(RangeError);
  });

  test('a short session is filled with zeros before it', () => {
    const suite = parseSuite('OCRA-1:HOTP-SHA1-6:QN08-S004');
    const message = dataInput(suite, { question: '0', session: Buffer.from([1, 2]) });
    expect(Buffer.from(message.subarray(-4)).toString('hex')).toBe('00000102');
  });

  test('a suite of 0 digits shows the whole MAC', () => {
    expect(responseFromMac(parseSuite('OCRA-1:HOTP-SHA1-0:QN08'), Buffer.alloc(20, 0xab))).toBe('ab'.repeat(20));
  });
});

describe('questions', () => {
  const digest = bytes('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');

  // the digest as one number, by Python: its last decimal, base-32 and hexadecimal digits
  test.each([
    ['QN08', '79440671', 26],
    ['QN20', '54547598369979440671', 66],
    ['QH16', '18191a1b1c1d1e1f', 64],
    ['QA08', '3CE1T7GZ', 40],
  ])('%s', (part, question, bits) => {
    const suite = parseSuite(`OCRA-1:HOTP-SHA1-6:${part}`);
    expect(questionFrom(suite, digest)).toBe(question);
    expect(questionBits(suite)).toBe(bits);
    expect(isFullQuestion(suite, question)).toBe(true);
    expect(isFullQuestion(suite, question.slice(1))).toBe(false);
    expect(isFullQuestion(suite, `${question.slice(1)}-`)).toBe(false);
  });
});
