import { describe, expect, test } from '@jest/globals';
import { canonicalName, type NameRule } from './canonical-name.js';

describe('names that are one name', () => {
  test.each<[string, string, string, NameRule]>([
    ['composed and decomposed', 'é', 'e\u0301', 'exact'],
    ['full width and ASCII', 'ａｄａ', 'ada', 'exact'],
    ['a ligature and its letters', 'ﬁn', 'fin', 'exact'],
    ['the Kelvin sign and K', '\u212a', 'K', 'exact'],
    ['upper and lower case', 'Ada@Example.ORG', 'ada@example.org', 'fold'],
    ['upper and lower case beyond ASCII', 'ÅSA', 'åsa', 'fold'],
    ['a letter that is upper case only once composed', '\u1d2c', 'a', 'fold'],
    ['the Kelvin sign and k', '\u212a', 'k', 'fold'],
  ])('%s', (_what, one, other, rule) => {
    expect(canonicalName(one, rule)).toBe(canonicalName(other, rule));
  });
});

test.each<[string, string, string, NameRule]>([
  ['case, where the tenant keeps it', 'Ada', 'ada', 'exact'],
  ['dotless i', 'ı', 'i', 'fold'],
  ['another script', 'а', 'a', 'fold'],
  ['a blank', 'ada', 'ada ', 'fold'],
])('names that differ by %s are two names', (_what, one, other, rule) => {
  expect(canonicalName(one, rule)).not.toBe(canonicalName(other, rule));
});

test('the form of a form is itself, for every character', () => {
  const nobodyWrites = /\p{Cn}|\p{Co}|\p{Cs}/u; // unassigned, private, surrogates
  for (let point = 0x20; point <= 0x10ffff; point += 1) {
    const character = String.fromCodePoint(point);
    if (nobodyWrites.test(character)) continue;
    const once = canonicalName(`a${character}b`, 'fold');
    if (canonicalName(once, 'fold') !== once) throw new Error(`U+${point.toString(16)} changes twice`);
  }
});

test('a name that normalises to more than 1024 bytes is INVALID_ARGUMENT', () => {
  expect(() => canonicalName('\ufdfa'.repeat(40), 'exact')).toThrow(/1 to 1024 bytes/); // 18 characters each
  expect(canonicalName('x'.repeat(1024), 'exact')).toHaveLength(1024);
});
