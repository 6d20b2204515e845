import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { RECOVERY_CODES, RECOVERY_PROFILE } from '@countersign/contracts';
import {
  enrolmentMessage,
  fromBase64url,
  keyEncryptionKey,
  makeEphemeral,
  toBase64url,
  transcriptHash,
  wrapKey,
} from '@countersign/pairing';
import type { EnrolmentAnswer } from '@countersign/pairing';
import { Secret } from '@countersign/runtime';
import { WebRandom } from '@countersign/runtime/portable';
import { recoverySheet } from './recovery-sheet.js';

const file = new URL('../../../../test/vectors/recovery-codes-v1.json', import.meta.url);
const { sheets } = JSON.parse(readFileSync(file, 'utf8')) as {
  sheets: { key_hex: string; codes: { shown: string }[] }[];
};
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const identity = publicKey.export({ format: 'jwk' }).x!;
const parameters = { tenant: 'acme', account: '0'.repeat(20), device: '1'.repeat(12), epoch: 1 };

/** The HSM's end, with a key that is known. */
function issuing(keyHex: string, profile: EnrolmentAnswer['profile'] = RECOVERY_PROFILE) {
  return async (point: string): Promise<EnrolmentAnswer> => {
    const own = makeEphemeral();
    const theirs = fromBase64url(point, 'point');
    const transcript = transcriptHash('enrol', { ...parameters, profile }, theirs, own.point);
    const kek = keyEncryptionKey(own.agree(theirs), transcript);
    const wrapped = wrapKey(kek, new Secret(Buffer.from(keyHex, 'hex')));
    const signature = toBase64url(sign(null, enrolmentMessage(transcript, wrapped), privateKey));
    const said = { point: toBase64url(own.point), wrapped: toBase64url(wrapped), signature };
    return { ...parameters, profile, ...said, keyLength: 32 };
  };
}

describe('a recovery sheet', () => {
  const parts = { tenant: 'acme', identity, random: new WebRandom() };

  test.each(sheets)('shows what Python computed of the key $key_hex', async ({ key_hex, codes }) => {
    const shown = await recoverySheet({ ...parts, issue: issuing(key_hex) });
    expect(shown).toEqual(codes.map((code) => code.shown));
    expect(shown).toHaveLength(RECOVERY_CODES);
  });

  test('is not made of a key for something else, signed as it is', async () => {
    const issue = issuing(sheets[0]!.key_hex, { ...RECOVERY_PROFILE, type: 'totp' });
    await expect(recoverySheet({ ...parts, issue })).rejects.toMatchObject({ problem: 'parameters' });
  });
});
