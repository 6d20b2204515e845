import { pbkdf2Sync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hide } from '../hidden.js';
import { addTwoStep, checkTwoStepTerms, readPhonePart, readTwoStep, showPhonePart, twoStepSeed } from './index.js';
import type { TwoStepTerms } from './index.js';

interface Parts {
  server_component_hex: string;
  client_component_hex: string;
  '2step_difficulty': number;
  '2step_output': TwoStepTerms['seedBytes'];
  final_seed_hex: string;
}

interface Whole extends Parts {
  name: string;
  base32check: string;
  display_groups_of_4: string;
  '2step_salt': number;
}

const file = new URL('../../../../test/vectors/privacyidea-two-step.json', import.meta.url);
const vectors: {
  vectors: Whole[];
  app_checksum_vectors: { client_component_hex: string; base32check: string }[];
  app_pbkdf2_vectors: Parts[];
} = JSON.parse(readFileSync(file, 'utf8'));

const part = (text: string) => hide<Uint8Array>(Uint8Array.from(Buffer.from(text, 'hex')));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const termsOf = (given: Parts): TwoStepTerms => ({
  phonePartBytes: given.client_component_hex.length / 2,
  seedBytes: given['2step_output'],
  rounds: given['2step_difficulty'],
});
const problem = expect.objectContaining({ name: 'PairingError', problem: 'two-step' });

describe('the seed', () => {
  test.each([...vectors.vectors, ...vectors.app_pbkdf2_vectors])('$client_component_hex', async (given) => {
    const server = part(given.server_component_hex);
    const seed = await twoStepSeed(server, part(given.client_component_hex), termsOf(given));
    expect(hex(seed.reveal())).toBe(given.final_seed_hex);
    const { client_component_hex: salt, '2step_difficulty': rounds, '2step_output': length } = given;
    const other = pbkdf2Sync(given.server_component_hex, Buffer.from(salt, 'hex'), rounds, length, 'sha1');
    expect(other.toString('hex')).toBe(given.final_seed_hex);
  });

  test('is not made of another length of part than the terms say', async () => {
    const terms: TwoStepTerms = { phonePartBytes: 8, seedBytes: 20, rounds: 10_000 };
    await expect(twoStepSeed(part('00'.repeat(20)), part('00'.repeat(7)), terms)).rejects.toEqual(problem);
    await expect(twoStepSeed(part('00'.repeat(15)), part('00'.repeat(8)), terms)).rejects.toEqual(problem);
  });

  test('does not show in what is logged', async () => {
    const [given] = vectors.vectors as [Whole];
    const seed = await twoStepSeed(part(given.server_component_hex), part(given.client_component_hex), termsOf(given));
    expect(`${inspect(seed, { depth: 9 })}${JSON.stringify(seed)}`).toBe('{ reveal: [Function: reveal] }{}');
  });
});

describe('the phone’s part as text', () => {
  test.each([...vectors.vectors, ...vectors.app_checksum_vectors])('$base32check', (given) => {
    const shown = showPhonePart(part(given.client_component_hex));
    expect(shown.replaceAll(' ', '')).toBe(given.base32check);
    expect(shown.split(' ').slice(0, -1).join('')).toHaveLength(4 * (shown.split(' ').length - 1));
    if ('display_groups_of_4' in given) expect(shown).toBe(given.display_groups_of_4);
    const read = readPhonePart(shown, given.client_component_hex.length / 2);
    expect(read.kind === 'part' && hex(read.part.reveal())).toBe(given.client_component_hex);
  });

  const [{ base32check, client_component_hex, display_groups_of_4 }] = vectors.vectors as [Whole];

  test.each([
    ['in lower case', base32check.toLowerCase()],
    ['with dashes', display_groups_of_4.replaceAll(' ', '-')],
    ['with padding', `${base32check}====`],
    ['with blanks around it', `\n ${display_groups_of_4}\t`],
  ])('is read %s', (_name, typed) => {
    const read = readPhonePart(typed, 8);
    expect(read.kind === 'part' && hex(read.part.reveal())).toBe(client_component_hex);
  });

  test.each<[string, string]>([
    [base32check.replace('R', '8'), 'characters'],
    [base32check.replace('R', 'ſ'), 'characters'],
    [base32check.slice(1), 'length'],
    [`${base32check}A`, 'length'],
    ['', 'length'],
    [base32check.replace('R', 'S'), 'checksum'],
    [`${base32check.slice(0, -2)}${base32check.at(-1)}${base32check.at(-2)}`, 'checksum'],
  ])('%j is mistyped: %s', (typed, because) => {
    expect(readPhonePart(typed, 8)).toEqual({ kind: 'mistyped', because });
  });

  test('any one character mistyped, and any two neighbours swapped, is found', () => {
    const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'];
    for (let at = 0; at < base32check.length; at++) {
      const [before, own, next = '', after] = [
        base32check.slice(0, at),
        base32check[at]!,
        base32check[at + 1],
        base32check.slice(at + 2),
      ];
      for (const typed of alphabet)
        if (typed !== own) expect(readPhonePart(`${before}${typed}${next}${after}`, 8).kind).toBe('mistyped');
      if (next !== '' && next !== own) expect(readPhonePart(`${before}${next}${own}${after}`, 8).kind).toBe('mistyped');
    }
  });

  test('whatever is typed has an answer', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat({ max: 64 }), (typed, length) => void readPhonePart(typed, length)),
      {
        numRuns: 200,
      },
    );
  });
});

describe('the URI', () => {
  const plain = 'otpauth://totp/Acme:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme&digits=6';
  const terms: TwoStepTerms = { phonePartBytes: 8, seedBytes: 20, rounds: 10_000 };
  const whole = `${plain}&2step_salt=8&2step_output=20&2step_difficulty=10000`;

  test('has three fields more, and they are read again', () => {
    expect(addTwoStep(plain, terms)).toBe(whole);
    expect(readTwoStep(whole)).toEqual(terms);
    expect(readTwoStep(plain)).toBeUndefined();
  });

  test.each([
    ['without rounds', whole.replace('&2step_difficulty=10000', '')],
    ['with one round', whole.replace('=10000', '=1')],
    ['with rounds that hold up a phone', whole.replace('=10000', '=100000000')],
    ['with a part that can be guessed', whole.replace('salt=8', 'salt=4')],
    ['with a seed of no hash', whole.replace('output=20', 'output=16')],
    ['with a field twice', `${whole}&2step_salt=9`],
    ['with a field that is no number', whole.replace('salt=8', 'salt=0x8')],
    ['with an empty field', whole.replace('salt=8', 'salt=')],
  ])('%s is refused', (_name, text) => expect(() => readTwoStep(text)).toThrow(problem));

  test('nothing is added to what is no otpauth URI, or is for two steps already', () => {
    expect(() => addTwoStep('https://acme.example/?a=b', terms)).toThrow(problem);
    expect(() => addTwoStep(whole, terms)).toThrow(problem);
    expect(() => addTwoStep(plain, { ...terms, rounds: 9_999 })).toThrow(problem);
  });

  test.each([NaN, 1.5, Infinity, -8])('%p is no length', (phonePartBytes) => {
    expect(() => checkTwoStepTerms({ ...terms, phonePartBytes })).toThrow(problem);
  });
});
