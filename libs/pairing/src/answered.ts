import { PairingError } from './pairing-error.js';
import type { PairedParameters, PairedProfile, PairedSheet } from './transcript.js';

/** The platform's answer to an exchange. `point`, `wrapped` and `signature` are base64url. */
export interface EnrolmentAnswer extends PairedParameters {
  point: string;
  wrapped: string;
  keyLength: number;
  signature: string;
}

/** What the device asked for. The platform chooses what is left out. */
export interface AskedFor {
  tenant: string;
  profile: PairedProfile | PairedSheet;
  account?: string;
  device?: string;
  epoch?: number;
}

/** Bytes of the key that the HSM makes: as long as the hash (RFC 4226 section 4, RFC 6238 section 3). */
export const MADE_KEY_BYTES: Record<PairedProfile['algorithm'], number> = { SHA1: 20, SHA256: 32, SHA512: 64 };

const PROFILE_FIELDS = ['type', 'algorithm', 'digits', 'stepSeconds', 't0Seconds', 'counter'] as const;

/** One text for what an OCRA profile has beside the others; the same for every other profile. */
const suitesOf = ({ suite, platformSuite }: PairedProfile | PairedSheet): string =>
  JSON.stringify([suite, platformSuite]);

/** Whether an answer is well formed and every parameter the one asked for. Throws PairingError 'parameters'. */
export function checkAnswered(answer: EnrolmentAnswer, asked: AskedFor): void {
  const wrong = (field: string): never => {
    throw new PairingError('parameters', `the answer has another ${field} than was asked for`);
  };
  const texts = [answer?.account, answer?.device, answer?.signature];
  const wellFormed = texts.every((text) => typeof text === 'string') && typeof answer.profile === 'object';
  if (!wellFormed || answer.profile === null || !Number.isSafeInteger(answer.epoch) || answer.epoch < 0) wrong('form');
  if (answer.tenant !== asked.tenant) wrong('tenant');
  for (const field of ['account', 'device', 'epoch'] as const)
    if (asked[field] !== undefined && answer[field] !== asked[field]) wrong(field);
  for (const field of PROFILE_FIELDS) if (answer.profile[field] !== asked.profile[field]) wrong(field);
  const [given, wanted] = [answer.profile, asked.profile].map(suitesOf);
  if (given !== wanted) wrong('suite');
  if (answer.keyLength !== MADE_KEY_BYTES[asked.profile.algorithm]) wrong('key length');
}
