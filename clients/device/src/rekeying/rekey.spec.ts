import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { codeFromMac, factorBytes } from '@countersign/oath';
import type { Attested, EnrolmentAnswer, PairedProfile } from '@countersign/pairing';
import { Secret } from '@countersign/runtime';
import type { Carrier, Judgement } from '../carrying/device-questions.js';
import { SoftwareDevice } from '../node/software-device.js';
import { attest } from './attest.js';
import { rekey } from './rekey.js';

const file = new URL('../../../../test/vectors/rekey-v1.json', import.meta.url);
const vector = JSON.parse(readFileSync(file, 'utf8')) as {
  device_scalar: number;
  identity: string;
  present_key_hex: string;
  new_key_hex: string;
  begin_request: { id: string; device: string; point: string; proof: string };
  begin_reply: EnrolmentAnswer & { profile: PairedProfile; seal: string };
  attest_request: { id: string; device: string; challenge: string };
  attest_reply: Attested & { signature: string };
};
const { tenant, account, device: name, profile } = vector.begin_reply;
const description = { tenant, account, device: name, epoch: 1, profile, identity: vector.identity };
const passphrase = Secret.fromText('correct horse battery staple');
const NOW_MS = 1_700_000_900_000; // step 30 of the vector's profile
const STEP = 30;

/** The code that a key shows, by Node's HMAC. */
const shown = (keyHex: string): string =>
  codeFromMac(createHmac('sha256', Buffer.from(keyHex, 'hex')).update(factorBytes(STEP)).digest(), profile.digits);

describe('a device and its next key, as Python computed the messages', () => {
  let folder: string;
  let path: string;
  let said: unknown[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-rekey-'));
    path = join(folder, 'device.json');
    said = [];
    const key = new Secret(Buffer.from(vector.present_key_hex, 'hex'));
    SoftwareDevice.save(path, description, key, passphrase, { scryptCost: 2 ** 10 });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const answering = (replies: Record<string, object>): Carrier => ({
    ask: async (verb, request) => {
      said.push([verb, request]);
      const reply = replies[verb];
      if (!reply) throw new Error('the answer was lost');
      return reply as never;
    },
  });
  const drawn = Buffer.from(vector.device_scalar.toString(16).padStart(64, '0'), 'hex');
  const parts = { random: { bytes: () => drawn }, nowMs: NOW_MS };
  const challenging = { bytes: () => Buffer.from(vector.attest_request.challenge, 'base64url') };
  /** What the file holds, opened anew. */
  const held = async (): Promise<[number, string, number | undefined]> => {
    using device = SoftwareDevice.open(path, passphrase);
    using next = await device.next();
    return [device.description.epoch, (await device.showCode(NOW_MS)).code, next?.description.epoch];
  };
  const begun = { 'rekey.begin': vector.begin_reply };
  const confirmedBy = (verdict: Judgement) => ({ ...begun, 'rekey.confirm': verdict });

  test('says what proves the present key, and holds only the next one when its first code was accepted', async () => {
    using device = SoftwareDevice.open(path, passphrase);
    await rekey(answering(confirmedBy({ verdict: 'accepted' })), device, parts);
    const code = shown(vector.new_key_hex);
    expect(said).toEqual([
      ['rekey.begin', vector.begin_request],
      ['rekey.confirm', { id: account, device: name, epoch: 2, code }],
    ]);
    expect(await held()).toEqual([2, code, undefined]);
  });

  test('a rejected first code leaves the present key at work', async () => {
    using device = SoftwareDevice.open(path, passphrase);
    await rekey(answering(confirmedBy({ verdict: 'rejected', reason: 'wrong_code' })), device, parts);
    expect((await held()).slice(0, 2)).toEqual([1, shown(vector.present_key_hex)]);
  });

  test('a lost answer leaves both keys, and the signed epoch says which works', async () => {
    using device = SoftwareDevice.open(path, passphrase);
    await expect(rekey(answering(begun), device, parts)).rejects.toThrow('the answer was lost');
    const both = [1, shown(vector.present_key_hex), 2];
    expect(await held()).toEqual(both);
    const unsigned = { ...vector.attest_reply, status: 'revoked' };
    await expect(attest(answering({ 'device.attest': unsigned }), device, challenging)).rejects.toMatchObject({
      problem: 'signature',
    });
    expect(await held()).toEqual(both);
    await attest(answering({ 'device.attest': vector.attest_reply }), device, challenging); // it says 2
    expect(await held()).toEqual([2, shown(vector.new_key_hex), undefined]);
  });

  const seals: [string, Partial<typeof vector.begin_reply>, string][] = [
    ['seal', { seal: Buffer.alloc(32, 1).toString('base64url') }, 'seal'],
    ['wrapped key', { wrapped: Buffer.alloc(40, 1).toString('base64url') }, 'seal'],
    ['epoch', { epoch: 3 }, 'seal'],
    ['profile', { profile: { ...profile, digits: 6 } }, 'seal'],
  ];
  test.each(seals)('an answer with another %s changes nothing here', async (_field, change, problem) => {
    using device = SoftwareDevice.open(path, passphrase);
    const carrier = answering({ 'rekey.begin': { ...vector.begin_reply, ...change } });
    await expect(rekey(carrier, device, parts)).rejects.toMatchObject({ problem });
    expect(await held()).toEqual([1, shown(vector.present_key_hex), undefined]);
  });

  test('a device that pinned no identity key asks nothing', async () => {
    const other = join(folder, 'other.json');
    const { identity: _identity, ...rest } = description;
    SoftwareDevice.save(other, rest, new Secret(Buffer.alloc(32, 5)), passphrase, { scryptCost: 2 ** 10 });
    using device = SoftwareDevice.open(other, passphrase);
    await expect(attest(answering({}), device, challenging)).rejects.toThrow('pinned no identity key');
    await expect(rekey(answering({}), device, parts)).rejects.toThrow('pinned no identity key');
    expect(said).toEqual([]);
  });
});
