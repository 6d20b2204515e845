import { describe, expect, test } from '@jest/globals';
import { Secret } from '@countersign/runtime';
import { errorOf, plainOf, vector } from '../testing/lines.js';

type Loose = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any
const json = (name: string): Loose => JSON.parse(vector(name).toString()) as Loose;
const changed = (name: string, change: (file: Loose) => void): string => {
  const file = json(name);
  change(file);
  return JSON.stringify(file);
};
const password = Secret.fromText('correct horse battery staple');

describe('Aegis', () => {
  const entry = (change: Loose, info: Loose = {}) =>
    changed('aegis-plain.json', ({ db }) => {
      Object.assign(db.entries[0], change);
      Object.assign(db.entries[0].info, info);
    });

  test.each([
    ['Steam', entry({ type: 'steam' }), 'type'],
    ['MD5', entry({}, { algo: 'MD5' }), 'algorithm'],
    ['5 digits', entry({}, { digits: 5 }), 'digits'],
    ['a step of 1 s', entry({}, { period: 1 }), 'stepSeconds'],
    ['digits as a list', entry({}, { digits: [6] }), 'digits'],
    ['no UUID', entry({ uuid: null }), 'serial'],
    ['no base32', entry({}, { secret: '0189' }), 'seed'],
    ['10 bytes', entry({}, { secret: 'MFRGGZDFMZTWQ2LK' }), 'seed'],
    ['no info', changed('aegis-plain.json', ({ db }) => (db.entries[0].info = null)), 'seed'],
    ['the UUID of another', entry({ uuid: json('aegis-plain.json').db.entries[1].uuid }), 'serial'],
  ])('%s: one token is refused', async (_, file, field) => {
    const { tokens, refused } = await plainOf(file);
    expect(tokens).toHaveLength(6);
    expect(refused).toMatchObject([{ field }]);
  });

  test('issuer and name are the label', async () => {
    const { tokens } = await plainOf(vector('aegis-plain.json'));
    expect(tokens[0]).toMatchObject({ line: 1, label: 'Example: ada 1' });
  });

  const vault = (change: (file: Loose) => void) => changed('aegis-encrypted.json', change);
  test.each([
    ['a vault that was changed', vault((file) => (file.db = `AAAA${String(file.db).slice(4)}`)), 'malformed'],
    ['scrypt over all memory', vault(({ header }) => (header.slots[1].n = 2 ** 24)), 'malformed'],
    ['scrypt over no power of two', vault(({ header }) => (header.slots[1].n = 32767)), 'malformed'],
    ['a slot without a salt', vault(({ header }) => delete header.slots[1].salt), 'malformed'],
    ['a tag of 4 bytes', vault(({ header }) => (header.slots[1].key_params.tag = 'ffffffff')), 'wrong_password'],
    ['fingerprints only', vault(({ header }) => (header.slots as unknown[]).pop()), 'unsupported'],
    ['another version', vault((file) => (file.version = 2)), 'unsupported'],
    ['half of it', vector('aegis-encrypted.json').subarray(0, 2000), 'malformed'],
  ])('%s is refused', async (_, file, code) => {
    expect(await errorOf(file, { password })).toMatchObject({ name: 'TokenFileError', code });
  });
});

describe('2FAS', () => {
  test('a service that says little has what 2FAS assumes', async () => {
    const file = {
      schemaVersion: 1,
      services: [{ name: 'Deno', secret: 'gezd gnbv gy3t qojq gezd gnbv gy3t qojq', otp: {} }],
    };
    const { tokens } = await plainOf(JSON.stringify(file));
    const seed_hex = Buffer.from('12345678901234567890').toString('hex');
    expect(tokens).toMatchObject([
      { type: 'totp', algorithm: 'SHA1', digits: 6, stepSeconds: 30, label: 'Deno', seed_hex },
    ]);
  });

  test('two that show the same are refused: nobody could tell them apart', async () => {
    const file = changed('2fas-plain.2fas', ({ services }) => (services as unknown[]).push(services[0]));
    expect((await plainOf(file)).refused).toMatchObject([{ line: 8, field: 'serial' }]);
  });

  const backup = (change: (file: Loose) => void) => changed('2fas-encrypted.2fas', change);
  test.each([
    [
      'one that was changed',
      backup((file) => (file.servicesEncrypted = `AAAA${String(file.servicesEncrypted).slice(4)}`)),
      'wrong_password',
    ],
    ['no salt', backup((file) => (file.servicesEncrypted = String(file.servicesEncrypted).split(':')[0])), 'malformed'],
    ['another schema', backup((file) => (file.schemaVersion = 9)), 'unsupported'],
    ['other JSON', '{"hello":1}', 'unrecognised'],
    ['JSON of another app than was said', vector('aegis-plain.json'), 'unrecognised'],
    ['too much of it', `{"a":"${'a'.repeat(17 * 1024 * 1024)}"}`, 'too_big'],
    ['nested JSON', '{"a":'.repeat(200_000), 'malformed'],
  ])('%s is refused', async (name, file, code) => {
    const format = name.endsWith('was said') ? ({ format: '2fas' } as const) : {};
    expect(await errorOf(file, { password, ...format })).toMatchObject({ name: 'TokenFileError', code });
  });
});
