import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Secret } from '@countersign/runtime';
import type { DeviceDescription } from '../description.js';
import { SoftwareDevice } from './index.js';

const vectors = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../test/vectors/${name}`, import.meta.url), 'utf8'));
const rfc4226 = vectors('rfc4226-hotp.json') as { vectors: { otp6: string }[] };
const rfc6238 = vectors('rfc6238-totp.json') as {
  vectors: { unix_time: number; algorithm: string; otp8: string; T_hex: string }[];
};

const key = new Secret(Buffer.from('12345678901234567890'));
const passphrase = Secret.fromText('correct horse battery staple');
const quick = { scryptCost: 2 ** 10 };

const description = (profile: Partial<DeviceDescription['profile']>): DeviceDescription => ({
  tenant: 'acme',
  account: '0123456789abcdefghjk',
  device: '0123456789ab',
  epoch: 1,
  profile: { type: 'totp', algorithm: 'SHA1', digits: 8, stepSeconds: 30, t0Seconds: 0, counter: 0, ...profile },
});
const totp = description({});
const hotp = description({ type: 'hotp', digits: 6 });

describe('a device in software', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-device-'));
    path = join(folder, 'alice.json');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const save = (what: DeviceDescription) => SoftwareDevice.save(path, what, key, passphrase, quick);
  const open = () => SoftwareDevice.open(path, passphrase);

  test.each(rfc6238.vectors.filter((row) => row.algorithm === 'sha1'))(
    'shows $otp8 at $unix_time (RFC 6238 appendix B)',
    async ({ unix_time, otp8, T_hex }) => {
      save(totp);
      using device = open();
      const step = Number.parseInt(T_hex, 16);
      const endsAtMs = (step + 1) * 30_000;
      expect(await device.showCode(unix_time * 1000)).toEqual({ type: 'totp', code: otp8, step, endsAtMs });
    },
  );

  test('shows the codes of RFC 4226 one after the other, also through restarts', async () => {
    save(hotp);
    for (const { otp6 } of rfc4226.vectors) {
      using device = open();
      expect(await device.showCode(0)).toMatchObject({ code: otp6 });
    }
  });

  test('T0 may lie before 1970', async () => {
    save(description({ t0Seconds: -1_111_111_109 }));
    using device = open();
    expect(await device.showCode(0)).toMatchObject({ code: '07081804' }); // RFC 6238: the code of 1111111109 from T0 = 0
  });

  test('begins at the counter of its profile', async () => {
    save(description({ type: 'hotp', digits: 6, counter: 7 }));
    using device = open();
    expect(await device.showCode(0)).toEqual({ type: 'hotp', code: '162583', counter: 7 });
  });

  test('the counter is on the disk before the code is shown', async () => {
    save(hotp);
    using device = open();
    rmSync(path);
    writeFileSync(path, ''); // it can no longer be advanced
    await expect(device.showCode(0)).rejects.toEqual(expect.objectContaining({ problem: 'format' }));
  });

  test('only the owner may read the file, before and after an advance; nothing else is left beside it', async () => {
    save(hotp);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    using device = open();
    await device.showCode(0);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['alice.json']);
  });

  test('the file does not hold the key or the passphrase', () => {
    save(totp);
    const text = readFileSync(path, 'utf8');
    for (const encoding of ['utf8', 'hex', 'base64', 'base64url'] as const)
      expect(text).not.toContain(key.reveal().toString(encoding).replace(/=+$/, ''));
    expect(text).not.toContain('horse');
  });

  test('a key is never written over', () => {
    save(totp);
    const before = readFileSync(path, 'utf8');
    expect(() => save(hotp)).toThrow(expect.objectContaining({ problem: 'exists' }));
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(readdirSync(folder)).toEqual(['alice.json']);
  });

  interface Held {
    tenant: string;
    profile: { digits: number; t0Seconds: number };
    key: { sealed: string; scrypt: { cost: number } };
  }
  const changes: [string, (file: Held) => void, string][] = [
    ['the tenant', (file) => (file.tenant = 'beta'), 'passphrase'],
    ['the digits', (file) => (file.profile.digits = 6), 'passphrase'],
    ['T0', (file) => (file.profile.t0Seconds = 1), 'passphrase'],
    [
      'the sealed key',
      (file) => (file.key.sealed = file.key.sealed.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))),
      'passphrase',
    ],
    ['the cost of scrypt, upwards', (file) => (file.key.scrypt.cost = 2 ** 30), 'format'],
    ['the cost of scrypt, to nothing', (file) => (file.key.scrypt.cost = 2), 'format'],
    ['no key', (file) => delete (file as Partial<Held>).key, 'format'],
  ];
  test.each(changes)('%s changed in the file: it does not open', (_name, change, problem) => {
    save(totp);
    const file = JSON.parse(readFileSync(path, 'utf8')) as Held;
    change(file);
    writeFileSync(path, JSON.stringify(file));
    expect(open).toThrow(expect.objectContaining({ problem }));
  });

  test('a wrong passphrase, no file, no device file', () => {
    expect(open).toThrow(expect.objectContaining({ problem: 'missing' }));
    save(totp);
    const wrong = () => SoftwareDevice.open(path, Secret.fromText('wrong'));
    expect(wrong).toThrow(expect.objectContaining({ problem: 'passphrase' }));
    writeFileSync(path, '[]');
    expect(open).toThrow(expect.objectContaining({ problem: 'format' }));
    expect(() => SoftwareDevice.save(join(folder, 'x'), totp, key, Secret.fromText(''), quick)).toThrow(RangeError);
  });

  test('the default cost works on this machine', async () => {
    SoftwareDevice.save(path, totp, key, passphrase);
    using device = open();
    expect(await device.showCode(59_000)).toMatchObject({ code: '94287082' });
  });
});
