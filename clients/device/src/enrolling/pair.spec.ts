import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { nodeScrypt } from '@countersign/pairing';
import { readPin } from '@countersign/pairing/portable';
import type { PairInvitation, ProvisionReply, ShareReply } from '@countersign/pairing/portable';
import type { Carrier } from '../carrying/device-questions.js';
import { pair } from './pair.js';

const file = new URL('../../../../test/vectors/pairing-by-pin-v1.json', import.meta.url);
const vector = JSON.parse(readFileSync(file, 'utf8')) as {
  session: Omit<PairInvitation, 'kind' | 'at'>;
  pin: string;
  share_request: object;
  share_reply: ShareReply;
  confirm_request: object;
  provision_reply: ProvisionReply;
  x: number;
  device_scalar: number;
};
const invitation: PairInvitation = { kind: 'pair', ...vector.session, at: 'replica-1' };
const never = () => Promise.reject(new Error('it was kept'));

/** Draws these scalars one after the other. */
const drawing = (...scalars: number[]) => ({
  bytes: () => Buffer.from((scalars.shift() ?? 0).toString(16).padStart(64, '0'), 'hex'),
});

async function paired(pin: string, replies: Record<string, unknown>) {
  const said: unknown[] = [];
  const carrier: Carrier = {
    ask: async (verb, request, at) => {
      said.push([verb, request, at]);
      return replies[verb] as never;
    },
  };
  const parts = { keep: never, random: drawing(vector.device_scalar, vector.x), scrypt: nodeScrypt };
  const outcome = await pair(carrier, invitation, readPin(pin), parts).catch((error: Error) => error);
  return { said, outcome };
}

describe('a pairing at the device', () => {
  const id = vector.session.account;
  const share = ['pair.share', { id, ...vector.share_request }, 'replica-1'];
  const shared = { ...vector.share_reply, triesLeft: 2 };

  test('says what Python computed, and takes no key that the identity key did not sign', async () => {
    const replies = { 'pair.share': shared, 'pair.confirm': vector.provision_reply };
    const { said, outcome } = await paired(vector.pin, replies);
    expect(said).toEqual([share, ['pair.confirm', { id, ...vector.confirm_request }, 'replica-1']]);
    expect(outcome).toMatchObject({ problem: 'signature' }); // the vector's is made up
  });

  test('says nothing more to an end that does not know the PIN', async () => {
    const { said, outcome } = await paired('271829', { 'pair.share': shared });
    expect(said.map((each) => (each as string[])[0])).toEqual(['pair.share']);
    expect(outcome).toEqual({ kind: 'refused', triesLeft: 2 });
  });
});
