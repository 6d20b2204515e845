import { describe, expect, test } from '@jest/globals';
import { parseMessage } from '../validate.js';
import { ocraProfile } from './ocra.js';
import { ProfileFields, profileOf, type Profile } from './profile.js';

const read = (fields: object): Profile => profileOf(parseMessage(ProfileFields, { type: 'ocra', ...fields }));
const wrong = (field: string) =>
  expect.objectContaining({ code: 'INVALID_ARGUMENT', fields: [expect.objectContaining({ field })] });

describe('the profile of an OCRA device', () => {
  test('is what its suite says', () => {
    expect(read({ suite: 'OCRA-1:HOTP-SHA512-8:C-QN08', counter: 7 })).toEqual({
      ...{ type: 'ocra', algorithm: 'SHA512', digits: 8, stepSeconds: 30, t0Seconds: 0, counter: 7 },
      suite: 'OCRA-1:HOTP-SHA512-8:C-QN08',
    });
    const suites = { suite: 'OCRA-1:HOTP-SHA1-6:QA10-T1M', platformSuite: 'OCRA-1:HOTP-SHA1-6:QA10' };
    expect(read(suites)).toMatchObject({ algorithm: 'SHA1', digits: 6, stepSeconds: 60, ...suites });
    expect(read({ suite: suites.suite, algorithm: 'SHA1', digits: 6, stepSeconds: 60 })).toMatchObject({ digits: 6 });
  });

  test.each([
    ['OCRA-1:HOTP-SHA1-6:C-QN08', true, undefined],
    ['OCRA-1:HOTP-SHA1-6:QN08', false, undefined],
    ['OCRA-1:HOTP-SHA1-6:QH64-T59S', false, 59],
    ['OCRA-1:HOTP-SHA1-6:QH64-T5M', false, 300],
  ])('%s: counted %p, a step of %p s', (suite, counted, stepSeconds) => {
    const { stepSeconds: step, ...rest } = ocraProfile(suite);
    expect(rest).toMatchObject({ counted });
    expect(step).toBe(stepSeconds);
  });

  test.each([
    ['no suite', {}],
    ['a PIN', { suite: 'OCRA-1:HOTP-SHA1-6:QN08-PSHA1' }],
    ['a session', { suite: 'OCRA-1:HOTP-SHA1-6:QN08-S064' }],
    ['counter and time', { suite: 'OCRA-1:HOTP-SHA1-6:C-QN08-T1M' }],
    ['the whole MAC', { suite: 'OCRA-1:HOTP-SHA1-0:QN08' }],
    ['five digits', { suite: 'OCRA-1:HOTP-SHA1-5:QN08' }],
    ['questions that are soon used up', { suite: 'OCRA-1:HOTP-SHA1-6:QN07' }],
    ['a step of an hour', { suite: 'OCRA-1:HOTP-SHA1-6:QN08-T1H' }],
  ])('a suite with %s is refused', (_what, fields) => {
    expect(() => read(fields)).toThrow(wrong('suite'));
  });

  const suite = 'OCRA-1:HOTP-SHA256-8:QA08';
  test.each([
    ['the same suite', suite],
    ['another hash', 'OCRA-1:HOTP-SHA1-6:QA08'],
    ['another question', 'OCRA-1:HOTP-SHA256-6:QN08'],
    ['a counter', 'OCRA-1:HOTP-SHA256-6:C-QA08'],
    ['the time', 'OCRA-1:HOTP-SHA256-6:QA08-T1M'],
  ])('the platform may not answer by %s', (_what, platformSuite) => {
    expect(() => read({ suite, platformSuite })).toThrow(wrong('platformSuite'));
  });

  test.each([
    ['algorithm', { suite, algorithm: 'SHA1' }],
    ['digits', { suite, digits: 6 }],
    ['stepSeconds', { suite, stepSeconds: 60 }],
    ['t0Seconds', { suite, t0Seconds: 1 }],
    ['suite', { type: 'totp', suite }],
    ['platformSuite', { type: 'hotp', platformSuite: 'OCRA-1:HOTP-SHA1-6:QA08' }],
  ])('%s that does not fit is refused', (field, fields) => {
    expect(() => read(fields)).toThrow(wrong(field));
  });
});
