import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { EnrolmentAnswer } from '../answered.js';
import { bytesFromBase64url } from '../base64url-bytes.js';
import { canonicalBytes } from '../canonical-bytes.js';
import { hide } from '../hidden.js';
import type { Hidden } from '../hidden.js';
import { wrappedBytes } from '../portable/unwrap.js';
import { readPoint } from '../spake2plus/group.js';
import { derive } from '../spake2plus/key-schedule.js';
import { transcriptBytes } from '../transcript-bytes.js';

/** What the two ends of one pairing have, and nobody else. */
export interface Binding {
  /** 32 bytes: the answer comes from the end that knew the PIN */
  seal: Uint8Array;
  /** 32 bytes, for the channel between the two: of this PIN, these points and this signature, and no others */
  sessionKey: Hidden;
}

/**
 * Ties the HSM's answer to the pairing. `shared` is SPAKE2+'s result, which stands for PIN, session, account, identity
 * key, profile and `point`, the device's; the answer adds the HSM's point, the wrapped key and the signature.
 * Throws PairingError: point, encoding.
 */
export function bind(shared: Hidden, point: Uint8Array, answer: EnrolmentAnswer): Binding {
  const hsmPoint = bytesFromBase64url(answer.point, 'point', 65);
  readPoint(hsmPoint);
  const transcript = sha256(transcriptBytes('enrol', answer, point, hsmPoint));
  const wrapped = bytesFromBase64url(answer.wrapped, 'wrapped', wrappedBytes(answer.keyLength));
  const signature = bytesFromBase64url(answer.signature, 'signature', 64);
  const bound = sha256(
    canonicalBytes('countersign pair answer v1', [transcript, answer.keyLength, wrapped, signature]),
  );
  const sealKey = derive(shared.reveal(), utf8ToBytes('countersign pair seal v1'), 32);
  const seal = hmac(sha256, sealKey, bound);
  const sessionKey = derive(shared.reveal(), canonicalBytes('countersign pair session v1', [bound]), 32);
  sealKey.fill(0);
  return { seal, sessionKey: hide(sessionKey) };
}
