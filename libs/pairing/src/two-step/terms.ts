import { PairingError } from '../pairing-error.js';

/** How the two parts become a seed; the words in brackets are those of the URI. */
export interface TwoStepTerms {
  /** length of the phone's part (2step_salt) */
  phonePartBytes: number;
  /** length of the seed (2step_output): as long as the hash of the codes */
  seedBytes: (typeof SEED_BYTES)[number];
  /** rounds of PBKDF2 (2step_difficulty) */
  rounds: number;
}

/** SHA1, SHA256 and SHA512's. */
const SEED_BYTES = [20, 32, 64] as const;

/**
 * phonePartBytes: under 8, whoever saw the QR code could try all of them; over 64, nobody types it.
 * rounds: privacyIDEA asks for 10,000 at least; more than 100,000 would hold up a phone, and can be forged to do so.
 */
export const TWO_STEP_LIMITS = {
  phonePartBytes: { min: 8, max: 64 },
  rounds: { min: 10_000, max: 100_000 },
} as const;

/** Throws PairingError 'two-step' for terms that are weak, too costly or none. */
export function checkTwoStepTerms(terms: TwoStepTerms): TwoStepTerms {
  for (const field of ['phonePartBytes', 'rounds'] as const) {
    const { min, max } = TWO_STEP_LIMITS[field];
    const value = terms[field];
    if (!Number.isInteger(value) || value < min || value > max)
      throw new PairingError('two-step', `${field} should be from ${min} to ${max}`);
  }
  if (!SEED_BYTES.includes(terms.seedBytes)) throw new PairingError('two-step', 'seedBytes should be 20, 32 or 64');
  return terms;
}
