import { sha256 } from '@noble/hashes/sha2.js';
import { canonicalBytes } from '../canonical-bytes.js';

/** What an OCRA device's questions are made from, at both ends: 32 bytes that questionFrom of libs/oath writes as a question. */

/**
 * Of a challenge. `transaction`: SHA-256 of its canonical form (RFC 8785); a device that shows a transaction makes the
 * question itself, so that it answers for what it shows. The id is random and new, so that the same transaction again is
 * another question.
 */
export const challengeDigest = (challenge: string, transaction: Uint8Array = new Uint8Array()): Uint8Array =>
  sha256(canonicalBytes('countersign ocra question v1', [challenge, transaction]));

/** Of the first code of a key, which confirms it: everybody may know the question, and nobody else the answer. */
export function firstCodeDigest({ tenant, account, device, epoch }: FirstCode): Uint8Array {
  return sha256(canonicalBytes('countersign ocra first code v1', [tenant, account, device, epoch]));
}

export interface FirstCode {
  tenant: string;
  account: string;
  device: string;
  epoch: number;
}
