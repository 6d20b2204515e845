import { concatBytes } from '@noble/hashes/utils.js';
import { bytesFromBase64url } from '../base64url-bytes.js';
import { canonicalBytes } from '../canonical-bytes.js';
import { PairingError } from '../pairing-error.js';
import { checkIdentityPortably, signedText } from '../portable/signature.js';

/** How a device stands, as the platform says it under its identity key. */
export interface Attested {
  tenant: string;
  account: string;
  device: string;
  /** of the key that counts now */
  epoch: number;
  /** active, disabled, ... */
  status: string;
  /** ms since 1970 */
  at: number;
}

export const CHALLENGE_BYTES = 32;

/** The message signed for an attestation. `challenge` is the asker's, fresh for each question. */
export function attestationMessage(
  { tenant, account, device, epoch, status, at }: Attested,
  challenge: Uint8Array,
): Uint8Array {
  const said = canonicalBytes(tenant, [account, device, epoch, status, challenge, at]);
  return concatBytes(signedText('countersign attest v1'), said);
}

/**
 * Checks the answer to `asked` with the pinned identity key. Throws PairingError 'parameters' for another device's, and
 * 'signature' for one that the platform did not give to this challenge.
 */
export function checkAttestation(
  answer: Attested & { signature: string },
  asked: { tenant: string; account: string; device: string; challenge: Uint8Array },
  pinnedIdentityKey: string,
): void {
  for (const field of ['tenant', 'account', 'device'] as const)
    if (answer[field] !== asked[field])
      throw new PairingError('parameters', `the answer has another ${field} than was asked for`);
  checkIdentityPortably(pinnedIdentityKey, attestationMessage(answer, asked.challenge), answer.signature);
}

/** A challenge as it travels. Throws PairingError 'encoding'. */
export const challengeIn = (text: string): Uint8Array => bytesFromBase64url(text, 'challenge', CHALLENGE_BYTES);
