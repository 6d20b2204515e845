import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { makeEphemeral } from '../ephemeral.js';
import { nodeScrypt } from '../node-scrypt.js';
import { toBase64url } from '../base64url.js';
import { proverSecret, verifierRecord } from '../spake2plus/registration.js';
import { writePoint } from '../spake2plus/group.js';
import type { PairedProfile } from '../transcript.js';
import { beginPairing } from './device-end.js';
import type { ConfirmRequest, ProvisionReply, ShareReply, ShareRequest } from './messages.js';
import { readPin } from './pin.js';
import { openPairing } from './platform-end.js';
import { identitiesOf, termsOf } from './terms.js';
import type { PairingSession } from './terms.js';

const file = new URL('../../../../test/vectors/pairing-by-pin-v1.json', import.meta.url);
const vector: {
  session: PairingSession;
  pin: string;
  profile: PairedProfile;
  share_request: ShareRequest;
  share_reply: ShareReply;
  confirm_request: ConfirmRequest;
  provision_reply: ProvisionReply;
} & Record<'x' | 'y' | 'device_scalar', number> &
  Record<'w0_hex' | 'w1_hex' | 'L_hex' | 'context_hex' | 'session_key_hex', string> = JSON.parse(
  readFileSync(file, 'utf8'),
);

const drawing = (scalar: number) => ({ bytes: () => Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex') });
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const scalarHex = (scalar: bigint): string => scalar.toString(16).padStart(64, '0');
const own = makeEphemeral(drawing(vector.device_scalar)).point;
const scrypt = nodeScrypt;

describe('pairing by PIN, as Python computed it', () => {
  test('what the PIN and the session make', async () => {
    const secret = await proverSecret(readPin(vector.pin), identitiesOf(vector.session), { scrypt });
    const { w0, w1 } = secret.reveal();
    const { L } = verifierRecord(secret).reveal();
    expect([scalarHex(w0), scalarHex(w1), hex(writePoint(L))]).toEqual([vector.w0_hex, vector.w1_hex, vector.L_hex]);
    expect(hex(termsOf(vector.session, vector.profile, own).context)).toBe(vector.context_hex);
  });

  test('at the platform', async () => {
    const session = { ...vector.session, profile: vector.profile };
    const platform = await openPairing(session, readPin(vector.pin), { random: drawing(vector.y), scrypt });
    expect(platform.answer(vector.share_request)).toEqual(vector.share_reply);
    expect(platform.confirm(vector.confirm_request)).toEqual({ kind: 'confirmed', point: vector.share_request.point });
    const { seal: _seal, ...answer } = vector.provision_reply;
    const { reply, sessionKey } = platform.seal(answer);
    expect(reply).toEqual(vector.provision_reply);
    expect(hex(sessionKey.reveal())).toBe(vector.session_key_hex);
  });

  test('at the device', async () => {
    const opened = { reveal: () => Buffer.from('the key') } as never;
    const exchange = { point: toBase64url(own), finish: () => opened };
    const device = await beginPairing(vector.session, readPin(vector.pin), {
      random: drawing(vector.x),
      exchange,
      scrypt,
    });
    expect(device.request).toEqual(vector.share_request);
    expect(device.judge(vector.share_reply)).toEqual({ kind: 'confirmed', request: vector.confirm_request });
    const { key, sessionKey, profile } = device.finish(vector.provision_reply);
    expect([key, profile, hex(sessionKey.reveal())]).toEqual([opened, vector.profile, vector.session_key_hex]);
  });
});
