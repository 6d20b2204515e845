import { sha256 } from '@noble/hashes/sha2.js';
import { bytesFromBase64url } from '../base64url-bytes.js';
import { canonicalBytes } from '../canonical-bytes.js';
import type { EnrolmentAnswer } from '../answered.js';
import { transcriptBytes } from '../transcript-bytes.js';
import { wrappedBytes } from '../portable/unwrap.js';

// Both messages are MACed by the device's present key, with the profile's hash. Codes are MACs by that key, too, of 8-byte
// counters (RFC 4226 section 5.2): these messages are longer and begin with a text of their own, so none is ever the other.

/** Whose key follows which. `epoch` is the new key's, one more than the present key's. */
export interface RekeyOf {
  tenant: string;
  account: string;
  device: string;
  epoch: number;
  /** the device's ephemeral point, 65 bytes */
  point: Uint8Array;
}

/** What the device proves with its present key: that it asks for the next one, to be wrapped to this point. */
export function rekeyProofMessage({ tenant, account, device, epoch, point }: RekeyOf): Uint8Array {
  return canonicalBytes('countersign rekey v1', [tenant, account, device, epoch, point]);
}

/** What the HSM made, as its answer says it. */
export interface Resealed {
  /** SHA-256 of the exchange's transcript */
  transcript: Uint8Array;
  keyLength: number;
  wrapped: Uint8Array;
  /** the identity key's, 64 bytes */
  signature: Uint8Array;
}

/** What the platform proves with the present key, which only the HSM and the device have: that this is its answer. */
export function rekeySealMessage({ transcript, keyLength, wrapped, signature }: Resealed): Uint8Array {
  return canonicalBytes('countersign rekey answer v1', [transcript, keyLength, wrapped, signature]);
}

/** The same at the device's end: of the answer to its own point (65 bytes). Throws PairingError 'encoding'. */
export function rekeySealMessageOf(answer: EnrolmentAnswer, own: Uint8Array): Uint8Array {
  const theirs = bytesFromBase64url(answer.point, 'point', 65);
  return rekeySealMessage({
    transcript: sha256(transcriptBytes('enrol', answer, own, theirs)),
    keyLength: answer.keyLength,
    wrapped: bytesFromBase64url(answer.wrapped, 'wrapped', wrappedBytes(answer.keyLength)),
    signature: bytesFromBase64url(answer.signature, 'signature', 64),
  });
}
