import { sha1 } from '@noble/hashes/legacy.js';
import { pbkdf2Async } from '@noble/hashes/pbkdf2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { hide } from '../hidden.js';
import type { Hidden } from '../hidden.js';
import { PairingError } from '../pairing-error.js';
import { checkTwoStepTerms } from './terms.js';
import type { TwoStepTerms } from './terms.js';

/**
 * The seed that both ends come to: PBKDF2 with HMAC-SHA-1 (RFC 8018), the password being the server's part as
 * lower-case hexadecimal *text*, the salt the phone's part. Computed by the client that asks and by the phone, never by
 * a service. Throws PairingError 'two-step' for terms out of their limits, or a part of another length.
 */
export async function twoStepSeed(serverPart: Hidden, phonePart: Hidden, terms: TwoStepTerms): Promise<Hidden> {
  const { phonePartBytes, seedBytes, rounds } = checkTwoStepTerms(terms);
  if (phonePart.reveal().length !== phonePartBytes)
    throw new PairingError('two-step', `the phone's part has ${phonePartBytes} bytes`);
  if (serverPart.reveal().length < MIN_SERVER_PART_BYTES)
    throw new PairingError('two-step', `the server's part has ${MIN_SERVER_PART_BYTES} bytes at least`);
  const password = utf8ToBytes(bytesToHex(serverPart.reveal()));
  return hide(await pbkdf2Async(sha1, password, phonePart.reveal(), { c: rounds, dkLen: seedBytes }));
}

/** RFC 4226 section 4, R6: a secret has 128 bits at least, also when the phone's part became known. */
const MIN_SERVER_PART_BYTES = 16;
