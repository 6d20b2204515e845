import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { formsOf, quoted } from './encodings.js';
import { filesBelow, memoryOf, piecesOf, showsMemory } from './places.js';
import { Search, report } from './search.js';

/** Bytes without a pattern, the same each time. */
const bytesOf = (text: string): Buffer => createHash('sha512').update(text).digest();
const noise = Buffer.concat(Array.from({ length: 2000 }, (_, index) => bytesOf(`noise ${index}`)));

const seeds = Array.from({ length: 1000 }, (_, index) => bytesOf(`seed ${index}`).subarray(0, 20));
const search = new Search([...seeds.flatMap((seed, index) => formsOf(`seed ${index}`, seed)), ...quoted('492039')]);
const seed = seeds[77]!;

/** Written here with other means than the search's own. */
const base32 = (bytes: Buffer): string =>
  BigInt(`0x1${bytes.toString('hex')}`)
    .toString(32)
    .slice(1)
    .replace(/./g, (digit) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[parseInt(digit, 32)] as string);

const planted: [string, string, string | Buffer][] = [
  ['raw', 'raw', seed],
  ['hex', 'hex', seed.toString('hex')],
  ['hex in capitals', 'HEX', seed.toString('hex').toUpperCase()],
  [
    'a Buffer in a log',
    'hex in pairs, as Node shows a Buffer',
    `<Buffer ${seed.toString('hex').match(/../g)?.join(' ')}>`,
  ],
  ['a Buffer in JSON', 'decimal, as JSON shows a Buffer', JSON.stringify(seed)],
  ['a list of bytes for people', 'decimal, as JSON shows a Buffer', `[ ${[...seed].join(', ')} ]`],
  ['base32', 'base32', base32(seed)],
  ['base32 in small letters', 'base32, lower case', base32(seed).toLowerCase()],
  ['base64', 'base64', seed.toString('base64')],
  ['base64url', 'base64url', seed.toString('base64url')],
  ['base64 within something longer, 1 byte in', 'base64', Buffer.concat([Buffer.from('x'), seed]).toString('base64')],
  ['base64 within something longer, 2 bytes in', 'base64', Buffer.concat([Buffer.from('xy'), seed]).toString('base64')],
  ['the first 16 bytes alone', 'raw', seed.subarray(0, 16)],
];

describe('a planted canary is found', () => {
  test.each(planted)('%s', async (_name, form, written) => {
    const bytes = Buffer.concat([noise.subarray(0, 999), Buffer.from(written), noise.subarray(0, 33)]);
    expect(report(await search.through([bytes]))).toContain(`seed 77 as ${form}, 1 times`);
  });

  test.each(['492039'])('the code %s as a JSON string, and in a JSON string, and not within a number', async (code) => {
    expect(report(await search.through([Buffer.from(JSON.stringify({ code }))]))).toEqual([
      `${code} as JSON string, 1 times`,
    ]);
    expect(report(await search.through([Buffer.from(JSON.stringify({ message: JSON.stringify({ code }) }))]))).toEqual([
      `${code} as JSON string in a JSON string, 1 times`,
    ]);
    expect(
      await search.through([Buffer.from(JSON.stringify({ at: Number(`1${code}7`), code: Number(code) }))]),
    ).toEqual([]);
  });

  test('across every border between pieces, once', async () => {
    const whole = Buffer.concat([noise.subarray(0, 50), Buffer.from(seed.toString('base64')), noise.subarray(0, 50)]);
    for (let border = 1; border < whole.length; border += 1) {
      const finds = await search.through([whole.subarray(0, border), whole.subarray(border)]);
      expect(finds.map(({ pattern: { form }, offset }) => ({ form, offset }))).toEqual(
        finds.length === 2 // without + and / both spellings of base64 are the same
          ? [
              { form: 'base64', offset: 50 },
              { form: 'base64url', offset: 50 },
            ]
          : [{ form: 'base64', offset: 50 }],
      );
      expect(finds).not.toHaveLength(0);
    }
  });

  test('when the pieces are single bytes', async () => {
    const whole = Buffer.concat([noise.subarray(0, 200), seed, noise.subarray(0, 200), seed]);
    const finds = await search.through(Array.from(whole, (byte) => Buffer.of(byte)));
    expect(finds.map(({ offset }) => offset)).toEqual([200, 420]);
  });

  test('at the beginning and at the end', async () => {
    const finds = await search.through([Buffer.concat([seed, noise, seeds[0]!])]);
    expect(finds.map(({ offset, pattern }) => [pattern.canary, offset])).toEqual([
      ['seed 77', 0],
      ['seed 0', seed.length + noise.length],
    ]);
  });

  test('in a file deep in a folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-planted-'));
    try {
      writeFileSync(join(folder, 'a.log'), Buffer.concat([noise, Buffer.from(seed.toString('hex'))]));
      expect(filesBelow(folder)).toEqual(['a.log']);
      expect(report(await search.through(piecesOf(join(folder, 'a.log'))))).toEqual(['seed 77 as hex, 1 times']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("in another process's memory", async () => {
    // the child makes the canary itself: it is in no argument
    const program = `const held = require('node:crypto').createHash('sha512').update('seed 77').digest();
      process.stdout.write('held'); setInterval(() => held, 1000);`;
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await new Promise((resolve) => child.stdout.once('data', resolve));
      const finds = search.through(memoryOf(child.pid as number));
      if (showsMemory) expect(report(await finds).join()).toContain('seed 77 as raw');
      else await expect(finds).rejects.toThrow(/ENOENT/);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

test('nothing is found where nothing is, nor for half a canary', async () => {
  expect(await search.through([noise])).toEqual([]);
  expect(await search.through([Buffer.concat([noise, seed.subarray(0, 15), noise])])).toEqual([]);
});
