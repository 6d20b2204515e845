import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { challengeDigest } from '@countersign/pairing';
import { Secret } from '@countersign/runtime';
import { SoftwareDevice } from '../node/index.js';
import { ownQuestion } from './ocra.js';

interface Row {
  section: string;
  suite: string;
  key_hex: string;
  Q: string;
  C?: number;
  T?: string;
  ocra: string;
}
const file = new URL('../../../../test/vectors/rfc6287-ocra.json', import.meta.url);
const rows = (JSON.parse(readFileSync(file, 'utf8')) as { vectors: Row[] }).vectors;
const withoutPin = rows.filter(({ suite }) => !suite.includes('-P'));
const oneWay = withoutPin.filter(({ section }) => !section.startsWith('C.2'));
const bothWays = withoutPin.filter(({ section, suite }) => section === 'C.2 client' && suite.includes('SHA256'));

const passphrase = Secret.fromText('correct horse battery staple');
const CLIENT = 'OCRA-1:HOTP-SHA256-8:QA08';
const PLATFORM = 'OCRA-1:HOTP-SHA256-6:QA08';
const KEY_HEX = bothWays[0]!.key_hex;

describe('an OCRA device in software', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-ocra-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const device = (suite: string, { keyHex = KEY_HEX, counter = 0, platformSuite = '' } = {}): SoftwareDevice => {
    const algorithm = /SHA[0-9]+/.exec(suite)![0] as 'SHA1';
    const suites = { suite, ...(platformSuite && { platformSuite }) };
    const profile = { type: 'ocra', algorithm, digits: 8, stepSeconds: 60, t0Seconds: 0, counter, ...suites } as const;
    const label = { tenant: 'acme', account: '0123456789abcdefghjk', device: '0123456789ab', epoch: 1 };
    const path = join(folder, 'device.json');
    rmSync(path, { force: true });
    SoftwareDevice.save(path, { ...label, profile }, new Secret(Buffer.from(keyHex, 'hex')), passphrase, {
      scryptCost: 1024,
    });
    return SoftwareDevice.open(path, passphrase);
  };

  test.each(oneWay)(
    '$section: $suite, question $Q shows $ocra (RFC 6287 appendix C)',
    async ({ suite, key_hex, Q, C, T, ocra }) => {
      using held = device(suite, { keyHex: key_hex, counter: C ?? 0 });
      expect(await held.respond({ question: Q }, Number.parseInt(T ?? '0', 16) * 60_000)).toBe(ocra);
    },
  );

  /** The platform's end, by node:crypto: RFC 6287 section 5.1 written out for a question of 16 letters. */
  const platformSays = (question: string, suite = PLATFORM): string => {
    const message = Buffer.concat([Buffer.from(`${suite}\0${question}`), Buffer.alloc(128 - question.length)]);
    const mac = createHmac('sha256', Buffer.from(KEY_HEX, 'hex')).update(message).digest();
    const value = mac.readUInt32BE(mac[31]! & 15) & 0x7fffffff;
    return String(value % 1_000_000).padStart(6, '0');
  };

  test.each(bothWays)(
    'mutual: to $Q it shows $ocra, once the platform has answered (RFC 6287 appendix C.2)',
    async ({ Q, ocra }) => {
      const [question, asked] = [Q.slice(0, 8), Q.slice(8)];
      using held = device(CLIENT, { platformSuite: PLATFORM });
      const response = platformSays(asked + question);
      expect(await held.respond({ question, asked, response }, 0)).toBe(ocra);
    },
  );

  test.each([
    ['a wrong response', (asked: string, question: string) => platformSays(`${asked}${question}`.replace('0', '1'))],
    ['the questions in the order of the device', (asked: string, question: string) => platformSays(question + asked)],
    [
      "a response by the device's own suite",
      (asked: string, question: string) => platformSays(asked + question, CLIENT),
    ],
    ['no response', () => ''],
  ])('to %s it says nothing', async (_what, respond) => {
    using held = device(CLIENT, { platformSuite: PLATFORM });
    const [asked, question] = ['CLI22220', 'SRV11110'];
    const answer = held.respond({ question, asked, response: respond(asked, question) }, 0);
    await expect(answer).rejects.toMatchObject({ problem: 'platform' });
  });

  test('a device that asked answers to a question of full length only, and with another suite than the platform', async () => {
    const [asked, question] = ['CLI22220', 'SRV1111'];
    using held = device(CLIENT, { platformSuite: PLATFORM });
    const response = platformSays(asked + question);
    await expect(held.respond({ question, asked, response }, 0)).rejects.toThrow(RangeError);
    using reflecting = device(CLIENT, { platformSuite: CLIENT });
    const reflected = platformSays('CLI22220SRV11110', CLIENT);
    await expect(reflecting.respond({ question: 'SRV11110', asked, response: reflected }, 0)).rejects.toThrow(
      RangeError,
    );
  });

  test('its own questions are of its suite, and from all of the random bytes', () => {
    using held = device(CLIENT, { platformSuite: PLATFORM });
    const { profile } = held.description;
    const zeros = { bytes: (length: number) => new Uint8Array(length) };
    expect(ownQuestion(profile, zeros)).toBe('00000000');
    expect(ownQuestion(profile, { bytes: (length) => new Uint8Array(length).fill(0xff) })).toBe('ZZZZZZZZ');
    expect(() => ownQuestion({ ...profile, platformSuite: CLIENT }, zeros)).toThrow(RangeError);
  });

  test('a counter is taken for each response, and for none that was refused', async () => {
    const suite = 'OCRA-1:HOTP-SHA512-8:C-QN08';
    const [first, second] = oneWay.filter((row) => row.suite === suite);
    using held = device(suite, { keyHex: first!.key_hex });
    await expect(held.respond({ question: 'not digits' }, 0)).rejects.toThrow(RangeError);
    expect(await held.respond({ question: first!.Q }, 0)).toBe(first!.ocra);
    expect(await held.respond({ question: second!.Q }, 0)).toBe(second!.ocra);
  });

  test('for a transaction that it shows it makes the question itself', async () => {
    const challenge = '0123456789abcdef';
    const transaction = { payee: 'Charles', amount: '12.50' };
    const signed = createHash('sha256').update('{"amount":"12.50","payee":"Charles"}').digest();
    using held = device('OCRA-1:HOTP-SHA256-8:QH16');
    const question = Buffer.from(challengeDigest(challenge, signed)).toString('hex').slice(-16);
    expect(await held.respond({ challenge, transaction }, 0)).toBe(await held.respond({ question }, 0));
  });

  test('the suites are sealed with the key: a changed one does not open', () => {
    device(CLIENT, { platformSuite: PLATFORM })[Symbol.dispose]();
    const path = join(folder, 'device.json');
    const text = readFileSync(path, 'utf8');
    for (const [one, other] of [
      [CLIENT, PLATFORM],
      [PLATFORM, CLIENT],
    ] as const) {
      writeFileSync(path, text.replace(one, other));
      expect(() => SoftwareDevice.open(path, passphrase)).toThrow(expect.objectContaining({ problem: 'passphrase' }));
    }
  });
});
