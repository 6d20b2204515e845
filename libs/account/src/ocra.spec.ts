import { describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY, type DeviceId, type Profile } from '@countersign/contracts';
import {
  DEFAULT_RULES,
  challengeIssued,
  challengeSending,
  fits,
  illegality,
  judge,
  judgeChallenge,
  provedMatches,
} from './index.js';
import type { Attempt, ChallengeAttempt, DeviceMatch, DeviceState, Standing } from './index.js';
import { NOW, account, attempt, device, phone, profile, standing, stored } from '../test/accounts.js';

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

describe("a challenge whose code is an OCRA device's response", () => {
  const CHALLENGE = 'challenge0000000';
  const SUITE = 'OCRA-1:HOTP-SHA1-6:C-QN08';
  const profiles = new Map([[ID, by(SUITE)]]);
  const rules = [DEFAULT_RULES];
  const attempt = { verb: 'challenge.verify', by: 'shop', challenge: CHALLENGE } as const;
  const issued = (device: Partial<DeviceState> = {}): Standing => {
    const at = standing(account([ocra({ floor: 5, ...device })]));
    const wanted = { id: CHALLENGE, ocra: {}, bound: { device: ID, transaction: 't' }, to: 'device' } as const;
    const event = challengeIssued(at, wanted, { by: 'shop', at: NOW });
    expect(event).toMatchObject({ type: 'challenge_issued', to: 'device', bound: ['transaction', 'device'] });
    return standing(stored(event).state, at.sequence + 1);
  };
  const judged = (at: Standing, counter: number | undefined, more: Partial<ChallengeAttempt> = {}) => {
    const match = { kind: 'match', receipt: 'r'.repeat(43), ...(counter !== undefined && { counter }) } as const;
    const decision = judgeChallenge(at, { ...attempt, ...more }, profiles, NOW, match, DEFAULT_RULES);
    if (decision.kind !== 'append') throw new Error(decision.kind);
    const { event } = decision;
    const after = { ...stored(event), after: at.sequence, nonce: 'n' };
    expect(illegality(at, after, { profiles, rules })).toBeUndefined();
    return { event, after };
  };

  test('is asked of the device, where its counter may be', () => {
    const asked = judgeChallenge(issued(), attempt, profiles, NOW);
    expect(asked).toMatchObject({ kind: 'ask', answering: { device: { id: ID }, from: 5, count: 10, floor: 5 } });
  });

  test('spends the challenge and the counter; the auditor has what proves it', () => {
    const at = issued();
    const { event, after } = judged(at, 7, { signed: 's'.repeat(43) });
    expect(event).toMatchObject({ type: 'challenge_accepted', device: ID, counter: 7, signed: 's'.repeat(43) });
    expect(event.state).toMatchObject({ devices: [{ id: ID, floor: 8 }] });
    expect(event.state).not.toHaveProperty('challenges');
    const proof = { device: ID, counter: 7, receipt: 'r'.repeat(43), epoch: 1 };
    expect(provedMatches(at, after)).toEqual([{ ...proof, challenge: CHALLENGE, transaction: 's'.repeat(43) }]);
  });

  test.each([
    ['a spent counter', 4],
    ['one too far ahead', 15],
    ['none: the match is of a code that the HSM made', undefined],
  ])('is not accepted with %s, whatever the key service says', (_what, counter) => {
    expect(judged(issued(), counter).event).toMatchObject({ type: 'challenge_rejected', reason: 'wrong_code' });
  });

  test.each(['disabled', 'revoked'] as const)('is not accepted of a device that was %s meanwhile', (status) => {
    const at = issued({ status });
    expect(judgeChallenge(at, attempt, profiles, NOW)).toMatchObject({ kind: 'ask', answering: undefined });
    expect(judged(at, 5).event).toMatchObject({ type: 'challenge_rejected', reason: 'device' });
  });

  test('is sent nowhere', () => {
    expect(() => challengeSending(issued(), CHALLENGE, 'mail', { by: 'shop', at: NOW })).toThrow(
      expect.objectContaining({ code: 'CONFLICT' }),
    );
  });
});
