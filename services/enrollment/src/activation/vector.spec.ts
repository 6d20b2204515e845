import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { RedeemActivationRequest, parseMessage, type ExchangeReply } from '@countersign/contracts';
import {
  beginExchange,
  hide,
  formatInvitation,
  parseInvitation,
  transcriptHash,
  fromBase64url,
} from '@countersign/pairing';
import { digestOf } from './token.js';

/** One activation, message by message, as Python computed it. */
interface Vector {
  token_hex: string;
  digest: string;
  invitation: string;
  device_scalar: number;
  redeem_request: RedeemActivationRequest;
  redeem_reply: ExchangeReply;
  transcript_hash_hex: string;
  key_hex: string;
}
const file = new URL('../../../../test/vectors/activation-v1.json', import.meta.url);
const vector = JSON.parse(readFileSync(file, 'utf8')) as Vector;
const { redeem_request: request, redeem_reply: reply } = vector;
const token = Buffer.from(vector.token_hex, 'hex');

test('the invitation holds the token, and the ledger the digest of it', () => {
  const invitation = parseInvitation(vector.invitation);
  expect(formatInvitation(invitation)).toBe(vector.invitation);
  expect(formatInvitation({ ...invitation, kind: 'activate', token: hide(token) })).toBe(vector.invitation);
  expect(digestOf(token)).toBe(vector.digest);
});

test('the device that read it sends the request, and opens the reply', () => {
  const invitation = parseInvitation(vector.invitation);
  const scalar = Buffer.from(vector.device_scalar.toString(16).padStart(64, '0'), 'hex');
  const exchange = beginExchange({ bytes: () => scalar });
  expect(parseMessage(RedeemActivationRequest, request)).toEqual({
    ...{ id: invitation.account, token: token.toString('base64url'), point: exchange.point },
  });
  const points = [request.point, reply.point].map((point) => fromBase64url(point, 'point')) as [Buffer, Buffer];
  expect(transcriptHash('enrol', reply, ...points).toString('hex')).toBe(vector.transcript_hash_hex);
  const { tenant, account } = invitation;
  const key = exchange.finish(reply, invitation.identity, { tenant, account, profile: reply.profile });
  expect(key.reveal().toString('hex')).toBe(vector.key_hex);
});
