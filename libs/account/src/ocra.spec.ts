import { describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY, type DeviceId, type Profile } from '@countersign/contracts';
import { DEFAULT_RULES, fits, judge } from './index.js';
import type { Attempt, DeviceMatch, DeviceState } from './index.js';
import { NOW, account, attempt, device, phone, profile, standing } from '../test/accounts.js';

const ID = 'ocra00000000' as DeviceId;
const MINUTES = Math.floor(NOW / 60_000);

const ocra = (rest: Partial<DeviceState> = {}): DeviceState => device(ID, 'ocra', rest);
const pending = (rest: Partial<DeviceState> = {}): DeviceState =>
  ocra({ status: 'pending', expiresAt: NOW + 1, ...rest });
const by = (suite: string): Profile => profile('ocra', { suite, ...(suite.endsWith('T1M') && { stepSeconds: 60 }) });
const asked = (devices: DeviceState[], suite: string, question: Partial<Attempt>, matches?: DeviceMatch[]) => {
  const profiles = new Map(devices.map(({ id, type }) => [id, type === 'ocra' ? by(suite) : profile('totp')]));
  return judge(standing(account(devices)), attempt(question), profiles, NOW, matches, DEFAULT_RULES);
};

describe('an OCRA device', () => {
  test('opens nothing by itself: verify does not look at it, named or not, and no guess is wider for it', () => {
    const question = { reason: 'disabled', verdict: 'rejected' };
    expect(asked([ocra()], 'OCRA-1:HOTP-SHA1-6:QN08', {})).toMatchObject({ kind: 'answer', verdict: question });
    const named = asked([phone(), ocra()], 'OCRA-1:HOTP-SHA1-6:QN08', { device: ID });
    expect(named).toMatchObject({ kind: 'answer', verdict: question });
    const many = Array.from({ length: 10 }, (_, at) => device(`phone000000${at}` as DeviceId, 'totp'));
    expect(fits(account(many), ocra(), NOW, DEFAULT_POLICY)).toBe(true);
  });

  test.each([
    ['OCRA-1:HOTP-SHA1-6:QN08', 0, { from: 0, count: 1, floor: 0, last: 0 }],
    ['OCRA-1:HOTP-SHA1-6:C-QN08', 5, { from: 5, count: 10, floor: 5, last: 14 }],
    ['OCRA-1:HOTP-SHA1-6:QN08-T1M', 0, { from: MINUTES - 1, count: 3, floor: 0, last: MINUTES + 1 }],
  ])('%s is looked at where it may be', (suite, floor, window) => {
    const decision = asked([pending({ floor })], suite, { verb: 'device.confirm', device: ID });
    expect(decision).toMatchObject({ kind: 'ask', candidates: [window] });
  });

  test.each([
    ['OCRA-1:HOTP-SHA1-6:QN08', 0, 0],
    ['OCRA-1:HOTP-SHA1-6:C-QN08', 3, 4],
    ['OCRA-1:HOTP-SHA1-6:QN08-T1M', MINUTES, 0],
  ])('%s is confirmed, and only a counter is spent', (suite, counter, floor) => {
    const matches = [{ device: ID, counter, receipt: 'r'.repeat(43) }];
    const decision = asked([pending()], suite, { verb: 'device.confirm', device: ID }, matches);
    expect(decision).toMatchObject({
      kind: 'append',
      event: { type: 'confirmed', counter, state: { devices: [{ id: ID, status: 'active', floor }] } },
    });
  });
});
