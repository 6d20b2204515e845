import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { argon2id } from '@noble/hashes/argon2.js';
import { OfflineCodes, makeCodesFile, readCodesFile, type CodesFile } from '../index.js';

const CHEAP = { memoryKiB: 64, passes: 1, lanes: 1 };
const END = 1_700_000_000_000;
const sheet = { tenant: 'acme', account: 'a'.repeat(20), device: 'd'.repeat(12), expiresAt: END };
const codes = ['ryfmf-6nw7h', 'kq0d1-00001', 'zzzzz-zzzzz'];

test('the library computes the Argon2id of RFC 9106 section 5.3', () => {
  const bytes = (value: number, length: number) => new Uint8Array(length).fill(value);
  const more = { m: 32, t: 3, p: 4, dkLen: 32, key: bytes(3, 8), personalization: bytes(4, 12) };
  const tag = argon2id(bytes(1, 32), bytes(2, 16), more);
  expect(Buffer.from(tag).toString('hex')).toBe('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659');
});

describe('codes that are checked offline', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-offline-'));
  const codesFile = join(folder, 'codes.json');
  let file: CodesFile;
  let now = END - 1;
  let opened = 0;
  const open = (usedFolder = join(folder, `used-${(opened += 1)}`)) =>
    OfflineCodes.open({ codesFile, usedFolder, clock: { now: () => now } });
  beforeAll(async () => {
    file = await makeCodesFile(sheet, codes, { cost: CHEAP });
    writeFileSync(codesFile, JSON.stringify(file));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('each is good once, however it is typed, also after a restart and in another process', async () => {
    const used = join(folder, 'used');
    expect(await open(used).verify(codes[0]!)).toEqual({ verdict: 'accepted', place: 0 });
    expect(await open(used).verify(' RYFMF 6NW7H')).toEqual({ verdict: 'rejected', reason: 'replayed' });
    const [one, other] = [open(used), open(used)];
    const both = await Promise.all([one, other, one, other].map((each) => each.verify('KQOD1 oooo1')));
    expect(both.filter(({ verdict }) => verdict === 'accepted')).toEqual([{ verdict: 'accepted', place: 1 }]);
    expect(readdirSync(used).sort()).toEqual(['0', '1']);
  });

  test('another code is wrong, and nothing is accepted once the sheet has ended', async () => {
    const peer = open();
    for (const wrong of ['', 'ryfmf-6nw7j', codes.join('')])
      expect(await peer.verify(wrong)).toEqual({ verdict: 'rejected', reason: 'wrong_code' });
    now = END;
    expect(await peer.verify(codes[0]!)).toEqual({ verdict: 'rejected', reason: 'expired' });
    now = END - 1;
    expect(await peer.verify(codes[0]!)).toMatchObject({ verdict: 'accepted' });
  });

  test('the file has no code; another one of the same sheet has another salt and other hashes', async () => {
    const text = JSON.stringify(file);
    for (const code of codes) expect(text).not.toContain(code.slice(0, 5));
    const again = await makeCodesFile(sheet, codes, { cost: CHEAP });
    expect(again.argon2id.salt).not.toBe(file.argon2id.salt);
    expect(again.hashes.filter((hash) => file.hashes.includes(hash))).toEqual([]);
  });

  test('a code whose use cannot be written down is not accepted', async () => {
    const used = join(folder, 'gone');
    const peer = open(used);
    rmSync(used, { recursive: true });
    await expect(peer.verify(codes[0]!)).rejects.toThrow('ENOENT');
  });

  test.each<[string, (file: CodesFile) => void]>([
    ['another kind', (file) => Object.assign(file, { kind: 'x' })],
    ['a later version', (file) => Object.assign(file, { v: 2 })],
    ['a cost beyond reason', (file) => (file.argon2id.memoryKiB = 2 ** 30)],
    ['no passes', (file) => (file.argon2id.passes = 0)],
    ['a short salt', (file) => (file.argon2id.salt = 'AAAA')],
    ['a short hash', (file) => (file.hashes[0] = 'AAAA')],
    ['no hashes', (file) => (file.hashes = [])],
    ['no end', (file) => Object.assign(file, { expiresAt: 'never' })],
  ])('a file with %s is refused', (_what, change) => {
    const other = structuredClone(file);
    change(other);
    expect(() => readCodesFile(JSON.stringify(other))).toThrow();
  });
});
