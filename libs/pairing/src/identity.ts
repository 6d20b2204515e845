import { createHash, createPublicKey, verify } from 'node:crypto';
import { fromBase64url, toBase64url } from './base64url.js';
import { PairingError } from './pairing-error.js';

/**
 * What the platform's identity key (Ed25519, RFC 8032) signs. Each kind of message begins with a text of its own that
 * ends in a zero byte, so that a signature given for one can never be shown as another.
 */
const ENROL_DOMAIN = Buffer.from('countersign enrol signature v1\0', 'ascii');
const IMPORT_DOMAIN = Buffer.from('countersign import key v1\0', 'ascii');

/** The message signed for an enrolment: its transcript and the wrapped key that goes with it. */
export function enrolmentMessage(transcript: Uint8Array, wrapped: Uint8Array): Buffer {
  return Buffer.concat([ENROL_DOMAIN, transcript, createHash('sha256').update(wrapped).digest()]);
}

/** The message signed once, at the ceremony: the point that seeds may be wrapped to. */
export function importKeyMessage(point: Uint8Array): Buffer {
  return Buffer.concat([IMPORT_DOMAIN, point]);
}

/** Throws PairingError 'signature' unless `signature` (base64url) over `message` is by the key with these 32 bytes. */
export function checkIdentity(pinnedKey: string, message: Uint8Array, signature: string): void {
  const x = toBase64url(fromBase64url(pinnedKey, 'the pinned identity key', 32));
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  if (!verify(null, message, key, fromBase64url(signature, 'signature', 64)))
    throw new PairingError('signature', 'the answer is not signed by the pinned identity key');
}
