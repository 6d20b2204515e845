import type { Random, Secret } from '@countersign/runtime';
import { fromBase64url, toBase64url } from './base64url.js';
import { makeEphemeral } from './ephemeral.js';
import type { Ephemeral } from './ephemeral.js';
import { checkIdentity, enrolmentMessage } from './identity.js';
import { keyEncryptionKey, unwrapKeyOf } from './key-wrap.js';
import { PairingError } from './pairing-error.js';
import { checkPoint } from './point.js';
import { transcriptHash } from './transcript.js';
import type { PairedParameters, PairedProfile } from './transcript.js';

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
  profile: PairedProfile;
  account?: string;
  device?: string;
  epoch?: number;
}

export interface Exchange {
  /** the ephemeral point to send, base64url */
  readonly point: string;
  /**
   * Opens the answer and gives the device its key. Checks, in this order and before anything is computed from the
   * answer: that every parameter is the one asked for, that the point is one, that the pinned identity key signed it
   * all. Throws PairingError. Once only: a second answer to the same point is refused.
   */
  finish(answer: EnrolmentAnswer, pinnedIdentityKey: string, asked: AskedFor): Secret;
}

/** Bytes of the key that the HSM makes: as long as the hash (RFC 4226 section 4, RFC 6238 section 3). */
export const MADE_KEY_BYTES: Record<PairedProfile['algorithm'], number> = { SHA1: 20, SHA256: 32, SHA512: 64 };

/** Begins an enrolment at the end that will hold the key. */
export function beginExchange(random?: Random): Exchange {
  let ephemeral: Ephemeral | undefined = makeEphemeral(random);
  const own = ephemeral.point;
  return {
    point: toBase64url(own),
    finish(answer, pinnedIdentityKey, asked) {
      if (!ephemeral) throw new PairingError('used', 'this exchange had its answer; begin another');
      const mine = ephemeral;
      ephemeral = undefined;
      checkAnswered(answer, asked);
      const theirs = checkPoint(fromBase64url(answer.point, 'point'));
      const wrapped = fromBase64url(answer.wrapped, 'wrapped');
      const transcript = transcriptHash('enrol', answer, own, theirs);
      checkIdentity(pinnedIdentityKey, enrolmentMessage(transcript, wrapped), answer.signature);
      using shared = mine.agree(theirs);
      using kek = keyEncryptionKey(shared, transcript);
      return unwrapKeyOf(answer.keyLength, kek, wrapped);
    },
  };
}

const PROFILE_FIELDS = ['type', 'algorithm', 'digits', 'stepSeconds', 't0Seconds', 'counter'] as const;

function checkAnswered(answer: EnrolmentAnswer, asked: AskedFor): void {
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
  if (answer.keyLength !== MADE_KEY_BYTES[asked.profile.algorithm]) wrong('key length');
}
