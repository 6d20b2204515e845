import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DeviceDescription } from '@countersign/device';
import type { DeviceType } from '@countersign/contracts';
import { StateFolder } from '@countersign/local';
import { Secret } from '@countersign/runtime';
import { HeldDevices, type Owner } from './held-devices.js';

let folder: StateFolder;
beforeEach(() => {
  folder = new StateFolder(mkdtempSync(join(tmpdir(), 'countersign-held-')));
});
afterEach(() => rmSync(folder.path, { recursive: true, force: true }));

/** RFC 4226 appendix D: the secret, and the codes of counters 0 to 2. */
const RFC_SECRET = '12345678901234567890';
const RFC_CODES = ['755224', '287082', '359152'];

const owner: Owner = { tenant: 'acme', account: 'ada@acme.example' };

function described(device: string, type: DeviceType = 'hotp'): DeviceDescription {
  const profile = { type, algorithm: 'SHA1' as const, digits: 6, stepSeconds: 30, t0Seconds: 0, counter: 0 };
  return { tenant: 'acme', account: '0'.repeat(20), device, epoch: 1, profile };
}

const keep = (held: HeldDevices, device: string, whose = owner): string =>
  held.keep(whose, described(device), Secret.fromText(RFC_SECRET));

test('a kept device shows its codes one after the other, from process to process', async () => {
  keep(new HeldDevices(folder), 'a'.repeat(12));
  for (const expected of RFC_CODES) {
    using device = new HeldDevices(folder).open(owner);
    expect((await device.showCode(0)).code).toBe(expected);
  }
});

test('nothing of it can be read by others, and the file does not hold the key', () => {
  const path = keep(new HeldDevices(folder), 'a'.repeat(12));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder.devices(), 'passphrase')).mode & 0o777).toBe(0o600);
  const text = readFileSync(path, 'latin1');
  for (const form of [
    RFC_SECRET,
    Buffer.from(RFC_SECRET).toString('base64url'),
    Buffer.from(RFC_SECRET).toString('hex'),
  ])
    expect(text).not.toContain(form);
});

test('one that was replaced is not held any more, and the other is', () => {
  const held = new HeldDevices(folder);
  for (const device of ['a', 'b']) keep(held, device.repeat(12));
  expect(() => held.open(owner)).toThrow('several devices');
  for (let times = 0; times < 2; times += 1) held.forget(owner, 'a'.repeat(12));
  using device = held.open(owner);
  expect(device.description.device).toBe('b'.repeat(12));
});

test('a passphrase of its own is asked for again', async () => {
  const file = join(folder.path, 'mine');
  writeFileSync(file, 'correct horse\n');
  keep(new HeldDevices(folder, file), 'a'.repeat(12));
  expect(() => new HeldDevices(folder).open(owner)).toThrow('passphrase is wrong');
  using device = new HeldDevices(folder, file).open(owner);
  expect((await device.showCode(0)).code).toBe(RFC_CODES[0]);
});

test('of several one has to be chosen, and those that there are are named', () => {
  const held = new HeldDevices(folder);
  expect(() => held.open(owner)).toThrow('countersign enroll ada@acme.example');
  keep(held, 'a'.repeat(12));
  keep(held, 'b'.repeat(12));
  expect(() => held.open(owner)).toThrow('--device: aaaaaaaaaaaa, bbbbbbbbbbbb');
  expect(() => held.open(owner, 'c'.repeat(12))).toThrow('there are aaaaaaaaaaaa, bbbbbbbbbbbb');
  using device = held.open(owner, 'b'.repeat(12));
  expect(device.description.device).toBe('b'.repeat(12));
});

describe('an account name', () => {
  test.each(['..', '../../etc/passwd', '.', 'a/b', 'a\\b', 'x'.repeat(256), 'ö'.repeat(256), '%2e%2e'])(
    '%p stays inside the folder',
    (account) => {
      keep(new HeldDevices(folder), 'a'.repeat(12), { tenant: 'acme', account });
      expect(readdirSync(join(folder.devices(), 'acme'))).toHaveLength(1);
      expect(readdirSync(folder.path)).toEqual(['devices']);
    },
  );

  test('that is long has a folder of its own all the same', () => {
    const held = new HeldDevices(folder);
    for (const end of ['1', '2']) keep(held, 'a'.repeat(12), { tenant: 'acme', account: `${'x'.repeat(200)}${end}` });
    expect(readdirSync(join(folder.devices(), 'acme'))).toHaveLength(2);
  });
});
