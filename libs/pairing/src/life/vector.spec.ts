import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { EnrolmentAnswer } from '../answered.js';
import { fromBase64url } from '../base64url.js';
import { beginExchange } from '../enrolment.js';
import { attestationMessage, challengeIn, checkAttestation } from './attestation.js';
import type { Attested } from './attestation.js';
import { rekeyProofMessage, rekeySealMessageOf } from './rekey.js';

const file = new URL('../../../../test/vectors/rekey-v1.json', import.meta.url);
const vector: {
  device_scalar: number;
  identity: string;
  begin_request: { point: string; proof: string };
  begin_reply: EnrolmentAnswer & { seal: string };
  attest_request: { challenge: string };
  attest_reply: Attested & { signature: string };
} & Record<`${'present_key' | 'new_key' | `${'proof' | 'seal' | 'attest'}_message`}_hex`, string> = JSON.parse(
  readFileSync(file, 'utf8'),
);
const { begin_request, begin_reply, attest_request, attest_reply, identity } = vector;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const own = fromBase64url(begin_request.point, 'point');
const macOf = (message: Uint8Array): string =>
  createHmac('sha256', Buffer.from(vector.present_key_hex, 'hex')).update(message).digest('base64url');

describe('a re-key, as Python computed it', () => {
  test('what the device proves', () => {
    const message = rekeyProofMessage({ ...begin_reply, point: own });
    expect(hex(message)).toBe(vector.proof_message_hex);
    expect(macOf(message)).toBe(begin_request.proof);
  });

  test('what the platform proves, and the key inside', () => {
    const message = rekeySealMessageOf(begin_reply, own);
    expect(hex(message)).toBe(vector.seal_message_hex);
    expect(macOf(message)).toBe(begin_reply.seal);
    const scalar = Buffer.from(vector.device_scalar.toString(16).padStart(64, '0'), 'hex');
    const exchange = beginExchange({ bytes: () => scalar });
    expect(exchange.point).toBe(begin_request.point);
    expect(hex(exchange.finish(begin_reply, identity, { ...begin_reply, epoch: 2 }).reveal())).toBe(vector.new_key_hex);
  });

  const others: [string, Partial<EnrolmentAnswer>][] = [
    ['account', { account: '1123456789abcdefghjk' }],
    ['device', { device: '1123456789ab' }],
    ['epoch', { epoch: 3 }],
    ['profile', { profile: { ...begin_reply.profile, digits: 6 } }],
    ['key', { wrapped: Buffer.alloc(40, 1).toString('base64url') }],
    ['signature', { signature: Buffer.alloc(64, 1).toString('base64url') }],
  ];
  test.each(others)('an answer with another %s has another seal', (_field, change) => {
    expect(macOf(rekeySealMessageOf({ ...begin_reply, ...change }, own))).not.toBe(begin_reply.seal);
  });
});

describe('an attestation', () => {
  const { tenant, account, device } = attest_reply;
  const challenge = challengeIn(attest_request.challenge);
  const asked = { tenant, account, device, challenge };

  test('as Python signed it', () => {
    expect(hex(attestationMessage(attest_reply, challenge))).toBe(vector.attest_message_hex);
    expect(() => checkAttestation(attest_reply, asked, identity)).not.toThrow();
  });

  test.each<[string, Partial<Attested>]>([
    ['epoch', { epoch: 1 }],
    ['status', { status: 'revoked' }],
    ['time', { at: 0 }],
  ])('with another %s is not signed', (_field, change) => {
    expect(() => checkAttestation({ ...attest_reply, ...change }, asked, identity)).toThrow('not signed');
  });

  test.each<[string, object, string]>([
    ['tenant', { tenant: 'beta' }, 'another tenant'],
    ['account', { account: '1123456789abcdefghjk' }, 'another account'],
    ['device', { device: '1123456789ab' }, 'another device'],
    ['question', { challenge: Buffer.alloc(32) }, 'not signed'],
  ])('for another %s is refused', (_field, change, why) => {
    expect(() => checkAttestation(attest_reply, { ...asked, ...change }, identity)).toThrow(why);
  });
});
