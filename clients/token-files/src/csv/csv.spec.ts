import { describe, expect, test } from '@jest/globals';
import { errorOf, plainOf, vector } from '../testing/lines.js';

const SEED = '3132333435363738393031323334353637383930';
const LONG = `${SEED}313233343536373839303132`;

describe("privacyIDEA's layout", () => {
  test.each([
    ['the least', `A1,${SEED}`, { type: 'hotp', algorithm: 'SHA1', digits: 6, counter: 0 }],
    ['a counter', `A1,${SEED},hotp,8,12`, { type: 'hotp', digits: 8, counter: 12 }],
    ['a step', `A1,${SEED},TOTP,8,60`, { type: 'totp', digits: 8, stepSeconds: 60, counter: 0 }],
    ['a hash by the length of the seed', `A1,${LONG},totp`, { type: 'totp', algorithm: 'SHA256' }],
    ['a hash by name', `A1,${SEED},totp,6,30,sha512`, { algorithm: 'SHA512' }],
    ['quoted cells', `"A1", "${SEED}" ,"totp"`, { type: 'totp' }],
    ['empty cells at the end', `A1,${SEED},totp,,,,,`, { type: 'totp', digits: 6, stepSeconds: 30 }],
    ['line ends of Windows and a byte order mark', `\ufeffA1,${SEED}\r`, { serial: 'A1', seed_hex: SEED }],
  ])('%s', async (_, row, held) => {
    const { tokens, refused } = await plainOf(`${row}\n`);
    expect({ tokens, refused }).toMatchObject({
      tokens: [{ serial: 'A1', seed_hex: SEED.length && expect.any(String), ...held }],
      refused: [],
    });
  });

  test('users stand before the serial', async () => {
    const { tokens } = await plainOf(`# version: 2\n"Ada, Countess", here, there, A1, ${SEED}, totp\n`);
    expect(tokens).toMatchObject([{ line: 2, serial: 'A1', user: 'Ada, Countess', seed_hex: SEED }]);
  });

  test.each([
    ['no serial', `,${SEED}`, 'serial', 'there is none'],
    ['columns the wrong way round', `${SEED},A1`, 'serial', 'right column'],
    ['a seed of 15 bytes', `A1,${SEED.slice(0, 30)}`, 'seed', 'too short'],
    ['half a byte', `A1,${SEED}1`, 'seed', 'hexadecimal'],
    ['a seed in base32', 'A1,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', 'seed', 'hexadecimal'],
    ['no seed', 'A1,,totp', 'seed', 'hexadecimal'],
    ['OCRA', `A1,${SEED},ocra,OCRA-1:HOTP-SHA1-6:QN08`, 'type', 'totp and hotp'],
    ['5 digits', `A1,${SEED},totp,5`, 'digits', 'from 6 to 8'],
    ['digits that are none', `A1,${SEED},totp,six`, 'digits', 'from 6 to 8'],
    ['a step of 5 s', `A1,${SEED},totp,6,5`, 'stepSeconds', 'from 10 to 300'],
    ['a counter below 0', `A1,${SEED},hotp,6,-1`, 'counter', 'from 0'],
    ['an unknown hash', `A1,${SEED},totp,6,30,md5`, 'algorithm', 'SHA1, SHA256 and SHA512'],
    ['too many columns', `A1,${SEED},totp,6,30,sha1,x`, 'line', 'columns'],
    ['an open quote', `"A1,${SEED}`, 'line', 'quote'],
    ['text after a quote', `"A1"x,${SEED}`, 'line', 'quote'],
    ['a line without end', `A1,${SEED.repeat(200)}`, 'line', 'longer'],
  ])('%s is refused, and the next line read', async (_, row, field, why) => {
    const { tokens, refused } = await plainOf(`${row}\nA2,${SEED}\n`, { format: 'privacyidea-csv' });
    expect(refused).toMatchObject([{ line: 1, field, why: expect.stringContaining(why) }]);
    expect(tokens).toMatchObject([{ line: 2, serial: 'A2' }]);
    expect(JSON.stringify(refused)).not.toContain(SEED.slice(0, 26));
  });

  test('a last line that may be cut short is not taken: half a seed could pass for a whole one', async () => {
    const { tokens, refused } = await plainOf(`A1,${SEED}\nA2,${SEED.slice(0, 34)}`);
    expect(tokens).toMatchObject([{ serial: 'A1' }]);
    expect(refused).toMatchObject([{ line: 2, field: 'line', why: expect.stringContaining('line end') }]);
  });
});

describe("Yubico's layouts", () => {
  test('keys of other modes are refused', async () => {
    const { tokens, refused } = await plainOf(
      [
        `Yubico OTP,12/11/2013 11:10,1,vvgutbiedkvi,ab86c04de6a3,${SEED},,,0,0,0,0,0,0,0,0,0,0`,
        `508326,cccccccccccc,83cebdfb7b93,${SEED},,2013-12-12T08:43:17,`,
        `508327,,,${SEED},,2013-12-12T08:44:34,`,
        `508328,,0,${SEED},,2013-12-12T08:44:34,\n`,
      ].join('\n'),
    );
    expect(refused.map(({ line, field }) => [line, field])).toEqual([
      [1, 'type'],
      [2, 'type'],
      [3, 'type'],
    ]);
    expect(tokens).toMatchObject([{ serial: '508328', type: 'hotp', digits: 6 }]);
  });

  test('a key that is logged without a token identifier has no serial', async () => {
    const { refused } = await plainOf(`OATH-HOTP,11.12.13 18:55,1,,,${SEED},,,0,0,0,6,0,0,0,0,0,0\n`);
    expect(refused).toMatchObject([{ field: 'serial', why: expect.stringContaining('there is none') }]);
  });
});

test.each([
  ['nothing', '', 'unrecognised'],
  ['blanks', ' \n'.repeat(1000), 'unrecognised'],
  ['endless blanks', ' '.repeat(200_000), 'unrecognised'],
  ['prose', 'Dear customer\nyour tokens\n', 'unrecognised'],
  ['UTF-16', Buffer.from(`A1,${SEED}\n`, 'utf16le').fill(0xff, 0, 1), 'malformed'],
])('%s is no token file', async (_, file, code) => {
  expect(await errorOf(file)).toMatchObject({ name: 'TokenFileError', code });
});

test('a line that never ends takes no memory', async () => {
  const { linesOf } = await import('./lines.js');
  async function* endless() {
    const piece = 'a'.repeat(2 ** 20);
    for (let count = 0; count < 600; count += 1) yield piece; // together longer than a string can be
  }
  const lines = [];
  for await (const line of linesOf(endless())) lines.push(line);
  expect(lines).toEqual([{ kind: 'too_long', line: 1 }]);
});

test('pieces of one byte, and the whole at once, are read alike', async () => {
  const file = vector('privacyidea.csv');
  expect(await plainOf(file, {}, 1)).toEqual(await plainOf(file, {}, 1e6));
});
