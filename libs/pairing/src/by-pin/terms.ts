import { bytesFromBase64url } from '../base64url-bytes.js';
import { canonicalBytes } from '../canonical-bytes.js';
import { PairingError } from '../pairing-error.js';
import type { Terms } from '../spake2plus/key-schedule.js';
import type { Identities } from '../spake2plus/registration.js';
import { profileFields } from '../transcript-bytes.js';
import type { PairedParameters, PairedProfile } from '../transcript.js';

/** What both ends know before they talk: the platform made it up, the device read it from the invitation. */
export interface PairingSession {
  tenant: string;
  account: string;
  session: string;
  /** the platform's identity key, 32 bytes as base64url */
  identity: string;
}

/** Bound into w0 and w1: the same PIN in another session, or for another platform, is another password. */
export function identitiesOf({ session, identity }: PairingSession): Identities {
  return { idProver: session, idVerifier: identity };
}

/** What SPAKE2+ confirms besides the PIN. `point` is the device's ephemeral point of the exchange. */
export function termsOf(pairing: PairingSession, profile: PairedProfile, point: Uint8Array): Terms {
  const { tenant, account, session, identity } = pairing;
  const key = bytesFromBase64url(identity, 'the identity key', 32);
  const bound = [tenant, account, session, key, ...profileFields(profile), point];
  return { ...identitiesOf(pairing), context: canonicalBytes('countersign pair v1', bound) };
}

/** A profile from the network: known words, and numbers that a transcript can hold. Throws PairingError 'parameters'. */
export function checkProfile(profile: PairedParameters['profile']): PairedProfile {
  const { type, algorithm, digits, stepSeconds, t0Seconds, counter } = profile ?? {};
  const words = (type === 'totp' || type === 'hotp') && ['SHA1', 'SHA256', 'SHA512'].includes(algorithm);
  const numbers = [digits, stepSeconds, t0Seconds, counter].every(Number.isSafeInteger);
  if (!words || !numbers || digits < 6 || digits > 8 || stepSeconds <= 0 || counter < 0)
    throw new PairingError('parameters', 'the platform named a profile that is none');
  return { type, algorithm, digits, stepSeconds, t0Seconds, counter };
}
