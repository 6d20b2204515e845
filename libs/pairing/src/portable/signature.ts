import { ed25519 } from '@noble/curves/ed25519.js';

import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { bytesFromBase64url } from '../base64url-bytes.js';
import { PairingError } from '../pairing-error.js';

/** What the platform's identity key signs begins with a text of its own and a zero byte, for each kind of message. */
export const signedText = (domain: string): Uint8Array => utf8ToBytes(`${domain}\0`);

/** Throws PairingError 'signature' unless it is by the pinned key over this enrolment's transcript and wrapped key. */
export function checkEnrolmentSignature(
  pinnedKey: string,
  { transcript, wrapped, signature }: { transcript: Uint8Array; wrapped: Uint8Array; signature: string },
): void {
  const message = concatBytes(signedText('countersign enrol signature v1'), transcript, sha256(wrapped));
  checkIdentityPortably(pinnedKey, message, signature);
}

/** checkIdentity where there is no OpenSSL. Ed25519 as RFC 8032 verifies it: no other spelling of a key or signature. */
export function checkIdentityPortably(pinnedKey: string, message: Uint8Array, signature: string): void {
  const key = bytesFromBase64url(pinnedKey, 'the pinned identity key', 32);
  if (!ed25519.verify(bytesFromBase64url(signature, 'signature', 64), message, key, { zip215: false }))
    throw new PairingError('signature', 'the answer is not signed by the pinned identity key');
}
