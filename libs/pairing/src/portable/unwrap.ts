import { aeskwp, cbc } from '@noble/ciphers/aes.js';
import { hide } from '../hidden.js';
import type { Hidden } from '../hidden.js';
import { PairingError } from '../pairing-error.js';

/** RFC 5649 section 4.1: filled up to whole blocks of 8 bytes, and one more. */
export function wrappedBytes(keyLength: number): number {
  return 8 * Math.ceil(keyLength / 8) + 8;
}

export interface Wrapped {
  /** x of the Diffie-Hellman result, 32 bytes; zeroed here */
  sharedX: Uint8Array;
  /** 32 bytes */
  transcript: Uint8Array;
  wrapped: Uint8Array;
}

/**
 * keyEncryptionKey and unwrapKeyOf in JavaScript: AES-256-CBC under x over the transcript hash makes the key that
 * RFC 5649 opens the rest with. WebCrypto's AES-KW is RFC 3394, which has no padding. Throws PairingError 'key'.
 */
export function unwrapPortably(keyLength: number, { sharedX, transcript, wrapped }: Wrapped): Hidden {
  const kek = cbc(sharedX, new Uint8Array(16), { disablePadding: true }).encrypt(transcript);
  sharedX.fill(0);
  const opened = opening(kek, wrapped);
  kek.fill(0);
  const rest = opened.subarray(keyLength);
  const fits = opened.length >= keyLength && rest.length < 8 && rest.every((byte) => byte === 0);
  const key = opened.slice(0, keyLength);
  opened.fill(0);
  if (!fits) throw new PairingError('key', `the wrapped key has another length than ${keyLength} bytes`);
  return hide(key);
}

function opening(kek: Uint8Array, wrapped: Uint8Array): Uint8Array {
  try {
    return aeskwp(kek).decrypt(wrapped);
  } catch {
    throw new PairingError('key', 'the wrapped key does not open');
  }
}
