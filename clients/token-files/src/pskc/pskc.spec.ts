import { describe, expect, test } from '@jest/globals';
import { Secret } from '@countersign/runtime';
import { errorOf, plainOf, vector } from '../testing/lines.js';

const SEED = 'MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=';
const keyPackage = (
  serial: string,
  { seed = SEED, format = 'Length="6" Encoding="DECIMAL"', more = '', type = 'hotp' } = {},
) =>
  `<KeyPackage><DeviceInfo><SerialNo>${serial}</SerialNo></DeviceInfo>
<Key Id="k" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:${type}">
<AlgorithmParameters><ResponseFormat ${format}/></AlgorithmParameters>
<Data><Secret><PlainValue>${seed}</PlainValue></Secret></Data>${more}</Key></KeyPackage>`;
const container = (...parts: string[]) =>
  `<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">${parts.join('')}</KeyContainer>`;

const PRE_SHARED_KEY = { preSharedKey: new Secret(Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex')) };
const encrypted = vector('pskc-aes128.xml').toString();
const edited = (text: string, at: number): string =>
  text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);

describe('a token is refused alone', () => {
  test.each([
    ['of another kind', { type: 'ocra' }, 'type', 'pskc:hotp'],
    ['short of 128 bits', { seed: 'MTIzNDU2Nzg5MDEyMzQ1' }, 'seed', '16 to 512 bytes'],
    ['not in base64', { seed: 'MTIzNDU2Nzg5MDEyMzQ1Njc4OTA' }, 'seed', 'base64'],
    ['without digits', { format: 'Encoding="DECIMAL"' }, 'digits', 'Length'],
    ['of 9 digits', { format: 'Length="9" Encoding="DECIMAL"' }, 'digits', 'from 6 to 8'],
    ['in hexadecimal', { format: 'Length="8" Encoding="HEXADECIMAL"' }, 'digits', 'DECIMAL'],
    ['with a check digit', { format: 'Length="8" Encoding="DECIMAL" CheckDigits="true"' }, 'digits', 'check digits'],
    ['of another use', { more: '<Policy><KeyUsage>Encrypt</KeyUsage></Policy>' }, 'policy', 'KeyUsage'],
    ['of a policy nobody knows', { more: '<Policy><Moon>full</Moon></Policy>' }, 'policy', 'Moon'],
  ])('%s', async (_, wrong, field, why) => {
    const { tokens, refused } = await plainOf(container(keyPackage('A1', wrong), keyPackage('A2')));
    expect(tokens).toMatchObject([{ serial: 'A2', digits: 6, counter: 0 }]);
    expect(refused).toEqual([{ kind: 'refused', line: 2, serial: 'A1', field, why: expect.stringContaining(why) }]);
  });

  test('the second of two with one serial', async () => {
    const { tokens, refused } = await plainOf(container(keyPackage('A1'), keyPackage('A2'), keyPackage('A1')));
    expect(tokens.map(({ serial }) => serial)).toEqual(['A1', 'A2']);
    expect(refused).toMatchObject([{ serial: 'A1', field: 'serial', why: expect.stringContaining('line 2') }]);
  });

  test('a package without a key', async () => {
    const { refused } = await plainOf(container('<KeyPackage><DeviceInfo/></KeyPackage>'));
    expect(refused).toMatchObject([{ line: 1, field: 'line' }]);
  });
});

describe('MACs', () => {
  const macs = [...encrypted.matchAll(/ValueMAC>/g)]
    .map(({ index }) => index + 'ValueMAC>'.length)
    .filter((_, n) => n % 2 === 0);
  const values = [...encrypted.matchAll(/<xenc:CipherValue>/g)].map(({ index }) => index + '<xenc:CipherValue>'.length);

  test('a MAC that is not right refuses its token', async () => {
    const { tokens, refused } = await plainOf(edited(encrypted, macs[2] as number), PRE_SHARED_KEY);
    expect(tokens).toHaveLength(6);
    expect(refused).toMatchObject([{ serial: 'aes128-0003', field: 'mac' }]);
  });

  test('an IV that is not right is seen: the MAC is over it, too', async () => {
    // the first value is the MAC key
    const { refused } = await plainOf(edited(encrypted, values[3] as number), PRE_SHARED_KEY);
    expect(refused).toMatchObject([{ serial: 'aes128-0003', field: 'mac' }]);
  });

  test('when the first is not right, the key may be wrong: nothing is read', async () => {
    expect(await errorOf(edited(encrypted, macs[0] as number), PRE_SHARED_KEY)).toMatchObject({ code: 'wrong_key' });
  });

  test('a value without a MAC is refused', async () => {
    const { tokens, refused } = await plainOf(
      encrypted.replaceAll(/<pskc:ValueMAC>.*<\/pskc:ValueMAC>/g, ''),
      PRE_SHARED_KEY,
    );
    expect(tokens).toEqual([]);
    expect(refused).toMatchObject(Array.from({ length: 7 }, () => ({ field: 'mac' })));
  });

  test('another cipher is refused', async () => {
    const { refused } = await plainOf(
      encrypted.replace(/(<pskc:Secret>[^]*?)#aes128-cbc/, '$1#camellia128-cbc'),
      PRE_SHARED_KEY,
    );
    expect(refused).toMatchObject([
      { serial: 'aes128-0001', field: 'encryption', why: expect.stringContaining('AES') },
    ]);
  });
});

describe('a plain secret put in the place of an encrypted one is refused', () => {
  const put = (file: string) => file.replace('</pskc:KeyContainer>', `${keyPackage('PUT')}</pskc:KeyContainer>`);

  test('in an encrypted container', async () => {
    const { tokens, refused } = await plainOf(put(encrypted), PRE_SHARED_KEY);
    expect(tokens).toHaveLength(7);
    expect(refused).toMatchObject([{ serial: 'PUT', field: 'encryption' }]);
  });

  test('in a container that was made plain, when a key is given', async () => {
    const { tokens, refused } = await plainOf(vector('pskc-plain.xml'), PRE_SHARED_KEY);
    expect(tokens).toEqual([]);
    expect(refused).toHaveLength(7);
  });
});

describe('a file is refused', () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>`;
  test.each([
    ['with a document type declaration', bomb + container(keyPackage('&b;')), 'doctype'],
    ['with an entity of its own', container(keyPackage('&b;')), 'malformed'],
    ['of other XML', '<Tokens/>', 'unrecognised'],
    ['without keys, as drafts of PSKC look', container('<Device/>'), 'unrecognised'],
    ['of another version', '<KeyContainer Version="2.0"/>', 'unsupported'],
    ['cut within a token', container(keyPackage('A1')).slice(0, 200), 'truncated'],
    ['cut after its last token', container(keyPackage('A1')).replace('</KeyContainer>', ''), 'truncated'],
    ['with elements too deep', container('<a>'.repeat(40)), 'too_big'],
    ['with a comment that never ends', container(`<!--${' '.repeat(400_000)}`), 'too_big'],
    ['with tags that do not match', container('<KeyPackage></Key>'), 'malformed'],
    ['in Latin-1', Buffer.from(container(keyPackage('Ä1')), 'latin1'), 'malformed'],
    [
      'encrypted to a certificate',
      encrypted.replace(/<ds:KeyName>.*<\/ds:KeyName>|<pskc:EncryptionKey\/>/, ''),
      'key_needed',
    ],
    [
      'that asks for hours of work',
      vector('pskc-pbkdf2.xml').toString().replace('>10000<', '>900000000<'),
      'malformed',
    ],
  ])('%s', async (_, file, code) => {
    expect(await errorOf(file)).toMatchObject({ name: 'TokenFileError', code });
  });

  test('its error holds nothing of it', async () => {
    const error = await errorOf(container(keyPackage('A1'), `<Key>${SEED}</Keys>`));
    expect(error).toMatchObject({ code: 'malformed', message: 'line 4: not well-formed XML' });
    expect((error as Error).cause).toBeUndefined();
  });
});

test('tokens come while the file is still being read', async () => {
  const { read } = await import('../read.js');
  let given = 0;
  async function* endless() {
    yield Buffer.from('<KeyContainer Version="1.0">');
    for (;;) yield Buffer.from(keyPackage(`A${++given}`));
  }
  for await (const told of read(endless())) {
    if (told.line > 100) break;
  }
  expect(given).toBeLessThan(40);
});
