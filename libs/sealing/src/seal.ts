import type { webcrypto } from 'node:crypto';
import type { RecipientKey } from './recipient-key.js';
import { SealingError } from './sealing-error.js';
import { KEYS, POINT_BYTES, SUITE, TAG_BYTES } from './suite.js';

/**
 * Seals `plaintext` to whoever holds the private key of a point (65 bytes): the ephemeral point, then the ciphertext
 * (RFC 9180 section 6.1, one shot). `info` and `aad` go along in no form; whoever opens must have the same.
 * Throws SealingError 'text' for what is no point of P-256.
 */
export async function seal(
  recipientPublicKey: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Promise<Uint8Array> {
  const { enc, ct } = await SUITE.seal(
    { recipientPublicKey: await readPoint(recipientPublicKey), info },
    plaintext,
    aad,
  );
  const sealed = new Uint8Array(enc.byteLength + ct.byteLength);
  sealed.set(new Uint8Array(enc));
  sealed.set(new Uint8Array(ct), enc.byteLength);
  return sealed;
}

/** Throws SealingError 'sealed' when it was not sealed to this key with this info and aad. */
export async function open(
  key: RecipientKey,
  info: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Promise<Uint8Array> {
  if (sealed.length < POINT_BYTES + TAG_BYTES) throw new SealingError('sealed', 'too short for anything sealed');
  const enc = sealed.slice(0, POINT_BYTES);
  const ct = sealed.slice(POINT_BYTES);
  try {
    return new Uint8Array(await SUITE.open({ recipientKey: key.pair, enc, info }, ct, aad));
  } catch (error) {
    throw new SealingError('sealed', 'not sealed to this key for this purpose, or changed on the way', {
      cause: error,
    });
  }
}

/** Throws SealingError 'text' for bytes that are no uncompressed point of P-256. */
export async function readPoint(point: Uint8Array): Promise<webcrypto.CryptoKey> {
  try {
    if (point.length === POINT_BYTES && point[0] === 4) return await KEYS.deserializePublicKey(point);
  } catch {
    // as below
  }
  throw new SealingError('text', 'a public key is 65 bytes: 04, x and y of a point of P-256');
}
