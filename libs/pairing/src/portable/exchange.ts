import { sha256 } from '@noble/hashes/sha2.js';
import type { RandomBytes } from '@countersign/runtime/portable';
import { checkAnswered } from '../answered.js';
import { base64urlOfBytes, bytesFromBase64url } from '../base64url-bytes.js';
import type { Exchange } from '../enrolment.js';
import type { Hidden } from '../hidden.js';
import { PairingError } from '../pairing-error.js';
import { drawScalar, G, readPoint, times, writePoint } from '../spake2plus/group.js';
import { transcriptBytes } from '../transcript-bytes.js';
import { checkEnrolmentSignature } from './signature.js';
import { unwrapPortably, wrappedBytes } from './unwrap.js';

/** beginExchange where there is no OpenSSL: the same in JavaScript, for browsers and for Node. */
export function beginPortableExchange(random: RandomBytes): Exchange<Hidden> {
  let scalar: bigint | undefined = drawScalar(random);
  const own = writePoint(times(G, scalar));
  return {
    point: base64urlOfBytes(own),
    finish(answer, pinnedIdentityKey, asked) {
      if (scalar === undefined) throw new PairingError('used', 'this exchange had its answer; begin another');
      const mine = scalar;
      scalar = undefined;
      checkAnswered(answer, asked);
      const point = bytesFromBase64url(answer.point, 'point', 65);
      const theirs = readPoint(point);
      const transcript = sha256(transcriptBytes('enrol', answer, own, point));
      const wrapped = bytesFromBase64url(answer.wrapped, 'wrapped', wrappedBytes(answer.keyLength));
      checkEnrolmentSignature(pinnedIdentityKey, { transcript, wrapped, signature: answer.signature });
      const sharedX = writePoint(times(theirs, mine)).slice(1, 33); // 04, then x (SEC 1 section 3.3.1)
      return unwrapPortably(answer.keyLength, { sharedX, transcript, wrapped });
    },
  };
}
