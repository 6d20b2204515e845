import { describe, expect, test } from '@jest/globals';
import { profileOf } from '@countersign/contracts';
import { firstCounter, steadyProfile, stepAt } from './steady-time.js';
import { TestDevice } from './test-device.js';

const NOW_MS = 1_111_111_109_000; // a moment of RFC 6238 appendix B
const SEED = Buffer.from('12345678901234567890');

const device = (fields: Parameters<typeof profileOf>[0], first = 0): TestDevice =>
  new TestDevice('ada', 'id', 'device', profileOf(fields), SEED, first, { now: () => NOW_MS });

describe('a HOTP device', () => {
  test('shows the codes of RFC 4226 appendix D, each once', () => {
    const hotp = device({ type: 'hotp' });
    expect([hotp.code(), hotp.code(), hotp.code()]).toEqual(['755224', '287082', '359152']);
    hotp.next = 9;
    expect(hotp.code()).toBe('520489');
    expect(hotp.codeAt(0)).toBe('755224');
  });

  test('has no time', () => expect(() => device({ type: 'hotp' }).codeNow()).toThrow('no time'));

  test('its wrong code is none of its codes nearby', () => {
    const hotp = device({ type: 'hotp' }, 100);
    const near = Array.from({ length: 80 }, (_, index) => hotp.codeAt(60 + index));
    expect(near).not.toContain(hotp.wrongCode());
  });
});

test('a TOTP device shows the code of RFC 6238 appendix B, by a clock of its own', () => {
  const totp = device({ type: 'totp', digits: 8, stepSeconds: 30, t0Seconds: 0 });
  expect(totp.codeNow()).toBe('07081804');
  totp.clockOffsetMs = 2_000; // to 1,111,111,111 s, which is the next step
  expect(totp.codeNow()).toBe('14050471');
});

describe('a steady profile', () => {
  test.each([{}, { stepSeconds: 30 }, { stepSeconds: 60 }])('TOTP %j: the present step has just begun', (fields) => {
    const profile = steadyProfile({ type: 'totp', ...fields }, NOW_MS);
    const intoStepSeconds = (NOW_MS / 1000 - profile.t0Seconds) % profile.stepSeconds;
    expect(intoStepSeconds).toBe(10);
    expect(firstCounter(profile, NOW_MS)).toBe(stepAt(NOW_MS, profile) - 1);
  });

  test('HOTP unless asked otherwise; a T0 that was given stays', () => {
    expect(steadyProfile({}, NOW_MS)).toMatchObject({ type: 'hotp', counter: 0 });
    expect(steadyProfile({ type: 'totp', t0Seconds: 0, stepSeconds: 30 }, NOW_MS)).toMatchObject({ t0Seconds: 0 });
  });
});
