import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { Secret, SystemRandom } from '@countersign/runtime';
import { read, type Keys } from '@countersign/token-files';
import { pskcUtils } from './pskc-utils.js';

/** What both say of a token. */
interface Plain {
  serial: string;
  type: string;
  algorithm: string;
  digits: number;
  moving: number;
  seed: string;
}

const random = new SystemRandom();
const KEY = random.bytes(16).toString('hex');
const PASSWORD = 'correct horse battery staple';
const preSharedKey = (hex: string): Keys => ({ preSharedKey: new Secret(Buffer.from(hex, 'hex')) });
const password = (text: string): Keys => ({ password: Secret.fromText(text) });
const COLUMNS = ['serial', 'algorithm', 'algorithm_suite', 'response_length', 'counter', 'time_interval', 'secret'];
const URI = 'urn:ietf:params:xml:ns:keyprov:pskc:';

async function ours(file: string | Buffer, keys: Keys): Promise<Plain[]> {
  async function* input() {
    yield Buffer.from(file);
  }
  const tokens: Plain[] = [];
  for await (const told of read(input(), keys)) {
    if (told.kind === 'refused') throw new Error(`line ${told.line}: ${told.field}: ${told.why}`);
    const { serial, type, algorithm, digits, stepSeconds, counter, seed } = told;
    const moving = type === 'hotp' ? counter : stepSeconds;
    tokens.push({ serial, type, algorithm, digits, moving, seed: seed.reveal().toString('hex') });
  }
  return tokens;
}

/** What pskc2csv reads. What a file does not say is left empty: RFC 6030 has no defaults. */
function theirs(args: string[]): Plain[] {
  const [, ...rows] = pskcUtils('pskc2csv', ['-c', COLUMNS.join(','), '-e', 'hex', ...args])
    .trim()
    .split(/\r?\n/);
  return rows.map((row) => {
    const [serial = '', uri = '', suite, digits, counter, step, seed = ''] = row.split(',');
    const type = uri.slice(URI.length);
    const moving = type === 'hotp' ? counter || 0 : step || 30;
    const algorithm = (suite || 'SHA1').replace('HMAC-', '');
    return { serial, type, algorithm, digits: Number(digits), moving: Number(moving), seed };
  });
}

describe('python-pskc, another implementation of RFC 6030', () => {
  const tokens: Plain[] = [
    ['hotp', 'SHA1', 6, 0, 20],
    ['hotp', 'SHA1', 8, 4711, 16],
    ['hotp', 'SHA256', 7, 2 ** 40, 32],
    ['totp', 'SHA1', 6, 30, 20],
    ['totp', 'SHA256', 8, 60, 32],
    ['totp', 'SHA512', 8, 30, 64],
  ].map(([type, algorithm, digits, moving, bytes], at) => ({
    ...{ serial: `peer-${at}`, type: type as string, algorithm: algorithm as string },
    ...{ digits: digits as number, moving: moving as number, seed: random.bytes(bytes as number).toString('hex') },
  }));

  const csv = [
    [...COLUMNS, 'response_encoding', 'id'],
    ...tokens.map(({ serial, type, algorithm, digits, moving, seed }) => [
      ...[serial, `${URI}${type}`, `HMAC-${algorithm}`, digits],
      ...(type === 'hotp' ? [moving, ''] : ['', moving]),
      ...[seed, 'DECIMAL', serial],
    ]),
  ];
  const written = (...args: string[]) =>
    pskcUtils('csv2pskc', ['-e', 'hex', ...args], `${csv.map((row) => row.join(',')).join('\n')}\n`);

  test.each<[string, string[], Keys]>([
    ['plain', [], {}],
    ['encrypted by a pre-shared key', ['-s', KEY], preSharedKey(KEY)],
    ['encrypted by a password', ['-p', PASSWORD], password(PASSWORD)],
  ])('what it writes is read: %s', async (_name, args, keys) => {
    const file = written(...args);
    if (args.length > 0)
      for (const { seed } of tokens) expect(file).not.toContain(Buffer.from(seed, 'hex').toString('base64'));
    expect(await ours(file, keys)).toEqual(tokens);
  });

  test('its encrypted file does not open with another key', async () => {
    const other = random.bytes(16).toString('hex');
    await expect(ours(written('-s', KEY), preSharedKey(other))).rejects.toMatchObject({ code: 'wrong_key' });
    await expect(ours(written('-p', PASSWORD), password('another'))).rejects.toMatchObject({ code: 'wrong_password' });
  });

  const RFC_6030_KEY = '12345678901234567890123456789012';
  test.each<[string, string[], Keys]>([
    ['rfc6030-figure3.xml', [], {}],
    ['rfc6030-figure6.xml', ['-s', RFC_6030_KEY], preSharedKey(RFC_6030_KEY)],
    ['rfc6030-figure7.xml', ['-p', 'qwerty'], password('qwerty')],
  ])('it reads of %s what is read here', async (name, args, keys) => {
    const path = fileURLToPath(new URL(`../vectors/token-files/${name}`, import.meta.url));
    const here = await ours(readFileSync(path), keys);
    expect(here.length).toBeGreaterThan(0);
    expect(theirs([...args, path])).toEqual(here);
  });
});
