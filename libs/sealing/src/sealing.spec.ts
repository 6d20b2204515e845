import { createDecipheriv, createECDH, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  RecipientKey,
  SealingError,
  formatRecipient,
  makeRecipient,
  open,
  openCode,
  openSheet,
  parseRecipient,
  seal,
  sealCode,
  sealSheet,
} from './index.js';
import { SUITE } from './suite.js';

const rfc9180 = JSON.parse(
  readFileSync(new URL('../../../test/vectors/rfc9180-hpke-p256.json', import.meta.url), 'utf8'),
) as Record<'info' | 'skEm' | 'enc' | 'pkRm' | 'skRm' | 'aad' | 'pt' | 'ct', string>;
const bytes = (field: keyof typeof rfc9180): Buffer => Buffer.from(rfc9180[field], 'hex');
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const privateText = ['csrec1-private', 'delivery', text(bytes('pkRm')), text(bytes('skRm'))].join('.');
const sealedProblem = { name: 'SealingError', problem: 'sealed' };

/** RFC 9180 sections 4.1 and 5.1 in Node's HMAC, ECDH and AES: the code under test has none of them. */
function openByHand(scalar: Buffer, point: Buffer, sealed: Uint8Array, info: Buffer, aad: Buffer): Buffer {
  const [enc, ct] = [Buffer.from(sealed.subarray(0, 65)), Buffer.from(sealed.subarray(65))];
  const hmac = (key: Buffer, ...parts: Buffer[]) => createHmac('sha256', key).update(Buffer.concat(parts)).digest();
  const labelled = (suite: Buffer) => ({
    extract: (salt: Buffer, label: string, ikm: Buffer) =>
      hmac(salt, Buffer.from('HPKE-v1'), suite, Buffer.from(label), ikm),
    expand: (key: Buffer, label: string, info: Buffer, length: number) =>
      hmac(
        key,
        Buffer.from([0, length]),
        Buffer.from('HPKE-v1'),
        suite,
        Buffer.from(label),
        info,
        Buffer.from([1]),
      ).subarray(0, length),
  });
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(scalar);
  const none = Buffer.alloc(0);
  const kem = labelled(Buffer.from('KEM\0\x10', 'latin1'));
  const eae = kem.extract(none, 'eae_prk', ecdh.computeSecret(enc));
  const shared = kem.expand(eae, 'shared_secret', Buffer.concat([enc, point]), 32);
  const hpke = labelled(Buffer.from('HPKE\0\x10\0\x01\0\x01', 'latin1'));
  const context = Buffer.concat([
    Buffer.from([0]),
    hpke.extract(none, 'psk_id_hash', none),
    hpke.extract(none, 'info_hash', info),
  ]);
  const secret = hpke.extract(shared, 'secret', none);
  const [key, nonce] = [hpke.expand(secret, 'key', context, 16), hpke.expand(secret, 'base_nonce', context, 12)];
  const cipher = createDecipheriv('aes-128-gcm', key, nonce).setAAD(aad).setAuthTag(ct.subarray(-16));
  return Buffer.concat([cipher.update(ct.subarray(0, -16)), cipher.final()]);
}

describe('RFC 9180 appendix A.3.1', () => {
  test('what its sender sealed opens', async () => {
    const key = await RecipientKey.read(privateText);
    const sealed = Buffer.concat([bytes('enc'), bytes('ct')]);
    expect(Buffer.from(await open(key, bytes('info'), bytes('aad'), sealed))).toEqual(bytes('pt'));
    expect(openByHand(bytes('skRm'), bytes('pkRm'), sealed, bytes('info'), bytes('aad'))).toEqual(bytes('pt'));
  });

  test('the suite seals to its ciphertext with its ephemeral key', async () => {
    const [recipientPublicKey, privateKey, publicKey] = await Promise.all([
      SUITE.kem.deserializePublicKey(bytes('pkRm')),
      SUITE.kem.deserializePrivateKey(bytes('skEm')),
      SUITE.kem.deserializePublicKey(bytes('enc')),
    ]);
    const sender = { recipientPublicKey, info: bytes('info'), ekm: { privateKey, publicKey } };
    const { enc, ct } = await SUITE.seal(sender, bytes('pt'), bytes('aad'));
    expect([Buffer.from(enc), Buffer.from(ct)]).toEqual([bytes('enc'), bytes('ct')]);
  });
});

test('what is sealed here is opened by an implementation that shares nothing with it', async () => {
  const sealed = await seal(bytes('pkRm'), bytes('info'), bytes('aad'), utf8('394820'));
  expect(openByHand(bytes('skRm'), bytes('pkRm'), sealed, bytes('info'), bytes('aad')).toString()).toBe('394820');
});

test('nothing opens with another key, info, aad or byte', async () => {
  const { publicText, privateText } = await makeRecipient('acme/app');
  const key = await RecipientKey.read(privateText);
  const [info, aad] = [utf8('info'), utf8('aad')];
  const sealed = await seal(parseRecipient(publicText).point, info, aad, utf8('394820'));
  expect(Buffer.from(await open(key, info, aad, sealed)).toString()).toBe('394820');
  const other = await RecipientKey.read((await makeRecipient('acme/app')).privateText);
  await expect(open(other, info, aad, sealed)).rejects.toMatchObject(sealedProblem);
  await expect(open(key, utf8('inf'), aad, sealed)).rejects.toMatchObject(sealedProblem);
  await expect(open(key, info, utf8('aa'), sealed)).rejects.toMatchObject(sealedProblem);
  for (const at of sealed.keys()) {
    const changed = sealed.map((byte, index) => (index === at ? byte ^ 1 : byte));
    await expect(open(key, info, aad, changed)).rejects.toMatchObject(sealedProblem);
  }
  for (const length of [0, 64, 65, 80, sealed.length - 1])
    await expect(open(key, info, aad, sealed.subarray(0, length))).rejects.toMatchObject(sealedProblem);
});

test('a code opens only for the recipient and the challenge that it was sealed for', async () => {
  const [one, two] = await Promise.all(['delivery', 'acme/app'].map(makeRecipient));
  const binding = { tenant: 'acme', account: 'a'.repeat(20), challenge: 'c'.repeat(16) };
  const sealed = await sealCode(parseRecipient(one!.publicText), binding, '394820');
  const key = await RecipientKey.read(one!.privateText);
  expect(await openCode(key, binding, sealed)).toBe('394820');
  for (const change of [{ tenant: 'beta' }, { account: 'b'.repeat(20) }, { challenge: 'd'.repeat(16) }])
    await expect(openCode(key, { ...binding, ...change }, sealed)).rejects.toMatchObject(sealedProblem);
  await expect(openCode(await RecipientKey.read(two!.privateText), binding, sealed)).rejects.toMatchObject(
    sealedProblem,
  );
  const renamed = await RecipientKey.read(one!.privateText.replace('.delivery.', '.acme/app.'));
  await expect(openCode(renamed, binding, sealed)).rejects.toMatchObject(sealedProblem);
});

test("a sheet's codes come out as they went in, for that sheet alone; a code's seal is no sheet's", async () => {
  const { publicText, privateText } = await makeRecipient('acme/app');
  const [recipient, key] = [parseRecipient(publicText), await RecipientKey.read(privateText)];
  const binding = { tenant: 'acme', account: 'a'.repeat(20), device: 'd'.repeat(12) };
  const codes = ['ryfmf-6nw7h', '00000-00000'];
  const sealed = await sealSheet(recipient, binding, codes);
  expect(await openSheet(key, binding, sealed)).toEqual(codes);
  const other = openSheet(key, { ...binding, device: 'e'.repeat(12) }, sealed);
  await expect(other).rejects.toMatchObject(sealedProblem);
  const asCode = openCode(key, { ...binding, challenge: binding.device }, sealed);
  await expect(asCode).rejects.toMatchObject(sealedProblem);
});

describe('keys as text', () => {
  const publicText = `csrec1.delivery.${text(bytes('pkRm'))}`;

  test('are read, and written again as they were', async () => {
    expect(formatRecipient(parseRecipient(`${publicText}\n`))).toBe(publicText);
    const { name, point } = await RecipientKey.read(`${privateText}\n`);
    expect(formatRecipient({ name, point })).toBe(publicText);
  });

  test.each([
    '',
    'delivery',
    publicText.slice(0, -1),
    `${publicText}.x`,
    publicText.replace('delivery', 'De'),
    privateText,
  ])('public %j is refused', (line) => expect(() => parseRecipient(line)).toThrow(SealingError));

  test.each(['', publicText, `${privateText}A`, `${privateText}.x`, privateText.replace(/.$/, 'E')])(
    'private %j is refused',
    async (line) => {
      const refused = RecipientKey.read(line);
      await expect(refused).rejects.toMatchObject({ name: 'SealingError', problem: 'text' });
      await expect(refused).rejects.not.toMatchObject({
        message: expect.stringContaining(text(bytes('skRm')).slice(0, 8)),
      });
    },
  );

  test('a point off the curve, or compressed, is nobody', async () => {
    const off = bytes('pkRm');
    off[64]! ^= 1;
    for (const point of [off, Buffer.alloc(65), Buffer.concat([Buffer.from([3]), bytes('pkRm').subarray(1, 33)])])
      await expect(seal(point, utf8('i'), utf8('a'), utf8('x'))).rejects.toMatchObject({ problem: 'text' });
  });

  test('the private half is not given out again', async () => {
    const key = await RecipientKey.read(privateText);
    await expect(globalThis.crypto.subtle.exportKey('jwk', key.pair.privateKey)).rejects.toThrow();
    expect(JSON.stringify(key)).not.toContain(text(bytes('skRm')));
  });
});
