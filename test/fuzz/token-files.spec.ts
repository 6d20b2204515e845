import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '@countersign/runtime';
import { read, TokenFileError } from '@countersign/token-files';
import fc from 'fast-check';
import { mutatedBytes } from './hostile.js';
import { inputs } from './seed.js';

const EACH = 100;
const LONGEST_MS = 5000; // a key derivation takes 100 ms alone, more beside other suites; a hang takes for ever
const folder = new URL('../vectors/token-files/', import.meta.url);

interface Expected {
  password?: string;
  pre_shared_key_hex?: string;
  tokens: { seed_hex: string }[];
}
const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Record<string, Expected>;

const password = Secret.fromText('correct horse battery staple');
const keysOf = (name: string) => {
  const hex = expected[name]?.pre_shared_key_hex;
  if (/plain|figure[23459]/.test(name)) return {};
  return { password, ...(hex !== undefined && { preSharedKey: new Secret(Buffer.from(hex, 'hex')) }) };
};

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const base32 = (bytes: Buffer): string =>
  [...bytes]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('')
    .replace(/.{1,5}/g, (bits) => BASE32[parseInt(bits.padEnd(5, '0'), 2)] as string);

/** The seeds of all files in every encoding, as pieces that are long enough to matter. */
const PIECE = 20;
const pieces = new Set(
  Object.values(expected)
    .flatMap(({ tokens }) => tokens.map(({ seed_hex }) => Buffer.from(seed_hex, 'hex')))
    .flatMap((seed) => [seed.toString('hex'), seed.toString('base64'), base32(seed)])
    .flatMap((text) =>
      Array.from({ length: text.length - PIECE + 1 }, (_, at) => text.slice(at, at + PIECE).toLowerCase()),
    ),
);

function leak(text: string): string | undefined {
  const lower = text.toLowerCase();
  for (let at = 0; at + PIECE <= lower.length; at += 1) {
    const piece = lower.slice(at, at + PIECE);
    if (pieces.has(piece)) return piece;
  }
  return undefined;
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function check(bytes: Uint8Array, name: string): Promise<void> {
  const startedMs = performance.now();
  const said: string[] = [];
  try {
    for await (const told of read(whole(bytes), keysOf(name))) {
      if (told.kind === 'refused') said.push(JSON.stringify(told));
      else if (told.seed.length < 16) throw new Error('a seed that is too short was taken');
    }
  } catch (error) {
    if (!(error instanceof TokenFileError) || error.cause !== undefined) throw error;
    said.push(error.message, error.stack ?? '');
  }
  if (performance.now() - startedMs > LONGEST_MS) throw new Error('one file took too long');
  const leaked = leak(said.join('\n'));
  if (leaked !== undefined) throw new Error(`a piece of a seed is told: ${leaked}`);
  if (said.some((text) => text.length > 2000)) throw new Error('an error is as long as a file');
}

describe('token files that nobody should send', () => {
  const files = readdirSync(folder).filter((name) => /\.(xml|csv|2fas)$|^aegis/.test(name));

  test('there are some of each format', () => expect(files.length).toBeGreaterThan(12));

  test.each(files)('%s, changed anywhere, is read or refused as documented', async (name) => {
    const file = readFileSync(new URL(name, folder));
    const slow = name === 'aegis-encrypted.json'; // scrypt, on purpose
    await fc.assert(
      fc.asyncProperty(mutatedBytes(file), (bytes) => check(bytes, name)),
      inputs(slow ? 20 : EACH),
    );
  });

  test('a leak would be seen', () => {
    const [seed] = expected['privacyidea.csv']?.tokens ?? [];
    expect(leak(`why: ${seed?.seed_hex.slice(3, 30).toUpperCase()} is no seed`)).toBeDefined();
  });
});
