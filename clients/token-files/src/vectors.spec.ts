import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '@countersign/runtime';
import { survey } from './read.js';
import { bytesOf, errorOf, plainOf, vector, VECTORS } from './testing/lines.js';

interface Held {
  serial: string;
  type: string;
  algorithm: string;
  digits: number;
  stepSeconds: number;
  counter: number;
  seed_hex: string;
}

interface Expected {
  made_by: string;
  password?: string;
  pre_shared_key_hex?: string;
  tokens: Held[];
}

const expected = JSON.parse(readFileSync(new URL('expected.json', VECTORS), 'utf8')) as Record<string, Expected>;

const keysFor = ({ password, pre_shared_key_hex }: Partial<Expected>) => ({
  ...(password !== undefined && { password: Secret.fromText(password) }),
  ...(pre_shared_key_hex !== undefined && { preSharedKey: new Secret(Buffer.from(pre_shared_key_hex, 'hex')) }),
});

describe.each(Object.entries(expected))('%s', (name, file) => {
  test(`holds what was written (${file.made_by})`, async () => {
    const { tokens, refused } = await plainOf(vector(name), keysFor(file));
    expect(refused).toEqual([]);
    expect(tokens).toMatchObject(file.tokens.map((token) => ({ t0Seconds: 0, ...token })));
    expect(await survey(bytesOf(vector(name)), keysFor(file))).toEqual({ tokens: file.tokens.length, refused: [] });
  });
});

describe.each(Object.entries(expected).filter(([, { password }]) => password !== undefined))('%s', (name) => {
  test('without a password, or with another, nothing is read', async () => {
    expect(await errorOf(vector(name))).toMatchObject({ code: 'password_needed' });
    const other = { password: Secret.fromText('another') };
    expect(await errorOf(vector(name), other)).toMatchObject({ code: 'wrong_password' });
  });
});

describe('the examples of RFC 6030', () => {
  const seed_hex = Buffer.from('12345678901234567890').toString('hex');
  const hotp = { serial: '987654321', type: 'hotp', algorithm: 'SHA1', digits: 8, counter: 0, seed_hex };

  test('figure 2: a key that does not say how long its codes are is not guessed at', async () => {
    const { tokens, refused } = await plainOf(vector('rfc6030-figure2.xml'));
    expect(tokens).toEqual([]);
    expect(refused).toEqual([
      { kind: 'refused', line: 8, serial: '12345678', field: 'digits', why: expect.stringContaining('ResponseFormat') },
    ]);
  });

  test('figure 3: a plain key', async () => {
    const { tokens } = await plainOf(vector('rfc6030-figure3.xml'));
    expect(tokens).toMatchObject([{ ...hotp, user: 'UID=jsmith,DC=example-bank,DC=net' }]);
  });

  test('figure 4: a key that is only named is not in the file', async () => {
    const { refused } = await plainOf(vector('rfc6030-figure4.xml'));
    expect(refused).toMatchObject([{ serial: '987654321', field: 'seed' }]);
  });

  test('figure 5: the key is taken, its PIN is not', async () => {
    const { tokens, refused } = await plainOf(vector('rfc6030-figure5.xml'));
    expect(tokens).toMatchObject([hotp]);
    expect(refused).toMatchObject([{ serial: '987654321', field: 'type', why: expect.stringContaining('pskc:pin') }]);
  });

  test('figure 6: AES-128-CBC with a pre-shared key', async () => {
    const keys = keysFor({ pre_shared_key_hex: '12345678901234567890123456789012' });
    expect((await plainOf(vector('rfc6030-figure6.xml'), keys)).tokens).toMatchObject([hotp]);
    expect(await errorOf(vector('rfc6030-figure6.xml'))).toMatchObject({ code: 'key_needed' });
    const other = keysFor({ pre_shared_key_hex: '12345678901234567890123456789013' });
    expect(await errorOf(vector('rfc6030-figure6.xml'), other)).toMatchObject({ code: 'wrong_key' });
    const longer = keysFor({ pre_shared_key_hex: '00'.repeat(32) });
    expect(await errorOf(vector('rfc6030-figure6.xml'), longer)).toMatchObject({ code: 'wrong_key' });
  });

  test('figure 7: a key derived from a password', async () => {
    const keys = keysFor({ password: 'qwerty' });
    expect((await plainOf(vector('rfc6030-figure7.xml'), keys)).tokens).toMatchObject([hotp]);
  });

  test('figure 9: a signed container is read', async () => {
    const { tokens } = await plainOf(vector('rfc6030-figure9.xml'));
    expect(tokens).toMatchObject([{ ...hotp, serial: '0755225266', digits: 6 }]);
  });
});
