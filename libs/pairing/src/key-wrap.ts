import { createCipheriv, createDecipheriv } from 'node:crypto';
import { Secret } from '@countersign/runtime';
import { PairingError } from './pairing-error.js';

/** RFC 5649 section 3: the alternative initial value of key wrap with padding; the length follows it inside. */
const ALTERNATIVE_IV = Buffer.from('a65959a6', 'hex');
const CIPHERS = { 16: 'id-aes128-wrap-pad', 24: 'id-aes192-wrap-pad', 32: 'id-aes256-wrap-pad' } as const;

/**
 * The exchange's key-encryption key: AES-256-CBC under the ECDH result's x, zero IV, no padding, over the 32 bytes of
 * the transcript hash. This is what PKCS#11 calls CKM_AES_CBC_ENCRYPT_DATA, so an HSM makes the same key without
 * showing x. `sharedX` has 32 bytes, leading zeros kept.
 */
export function keyEncryptionKey(sharedX: Secret, transcript: Uint8Array): Secret {
  if (sharedX.length !== 32 || transcript.length !== 32)
    throw new RangeError('x and the transcript hash have 32 bytes');
  const cipher = createCipheriv('aes-256-cbc', sharedX.reveal(), Buffer.alloc(16)).setAutoPadding(false);
  return moved(cipher.update(transcript)); // a whole number of blocks: nothing comes from final()
}

/** AES key wrap with padding (RFC 5649). */
export function wrapKey(kek: Secret, key: Secret): Buffer {
  const cipher = createCipheriv(cipherFor(kek), kek.reveal(), ALTERNATIVE_IV);
  return Buffer.concat([cipher.update(key.reveal()), cipher.final()]);
}

/** Opens what wrapKey made. Throws PairingError 'key' when it was wrapped under another key or changed. */
export function unwrapKey(kek: Secret, wrapped: Uint8Array): Secret {
  try {
    const cipher = createDecipheriv(cipherFor(kek), kek.reveal(), ALTERNATIVE_IV);
    const opened = moved(cipher.update(wrapped));
    cipher.final();
    return opened;
  } catch (error) {
    throw new PairingError('key', 'the wrapped key does not open', { cause: error });
  }
}

/**
 * Opens a wrapped key of a known length. Some HSMs state a length rounded up to eight bytes and put zeros behind the
 * key (SoftHSM for 20 bytes); those zeros, and nothing else, are cut off. Throws PairingError 'key'.
 */
export function unwrapKeyOf(lengthBytes: number, kek: Secret, wrapped: Uint8Array): Secret {
  using opened = unwrapKey(kek, wrapped);
  const bytes = opened.reveal();
  const rest = bytes.subarray(lengthBytes);
  if (bytes.length < lengthBytes || rest.length >= 8 || rest.some((byte) => byte !== 0))
    throw new PairingError('key', `the wrapped key has another length than ${lengthBytes} bytes`);
  return new Secret(bytes.subarray(0, lengthBytes));
}

/** The bytes as a Secret, leaving none in `bytes`. */
function moved(bytes: Buffer): Secret {
  const secret = new Secret(bytes);
  bytes.fill(0);
  return secret;
}

function cipherFor(kek: Secret): (typeof CIPHERS)[keyof typeof CIPHERS] {
  const cipher = CIPHERS[kek.length as keyof typeof CIPHERS];
  if (!cipher) throw new RangeError('a key-encryption key has 16, 24 or 32 bytes');
  return cipher;
}
