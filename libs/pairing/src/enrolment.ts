import type { Random, Secret } from '@countersign/runtime';
import { checkAnswered } from './answered.js';
import type { AskedFor, EnrolmentAnswer } from './answered.js';
import { fromBase64url, toBase64url } from './base64url.js';
import { makeEphemeral } from './ephemeral.js';
import type { Ephemeral } from './ephemeral.js';
import type { Hidden } from './hidden.js';
import { checkIdentity, enrolmentMessage } from './identity.js';
import { keyEncryptionKey, unwrapKeyOf } from './key-wrap.js';
import { PairingError } from './pairing-error.js';
import { checkPoint } from './point.js';
import { transcriptHash } from './transcript.js';

/** `Key`: what the device's end holds a key in. */
export interface Exchange<Key extends Hidden = Secret> {
  /** the ephemeral point to send, base64url */
  readonly point: string;
  /**
   * Opens the answer and gives the device its key. Checks, in this order and before anything is computed from the
   * answer: that every parameter is the one asked for, that the point is one, that the pinned identity key signed it
   * all. Throws PairingError. Once only: a second answer to the same point is refused.
   */
  finish(answer: EnrolmentAnswer, pinnedIdentityKey: string, asked: AskedFor): Key;
}

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
