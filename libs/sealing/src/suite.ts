import type { webcrypto } from 'node:crypto';
import { Aes128Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';

/** The only suite: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM (RFC 9180 section 7), in base mode. */
export const SUITE = new CipherSuite({
  kem: new DhkemP256HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes128Gcm(),
});

/** The suite's keys, in the words that Node's compiler has for WebCrypto. */
interface Keys {
  generateKeyPair(): Promise<webcrypto.CryptoKeyPair>;
  deserializePublicKey(bytes: Uint8Array): Promise<webcrypto.CryptoKey>;
  serializePublicKey(key: webcrypto.CryptoKey): Promise<ArrayBuffer>;
  serializePrivateKey(key: webcrypto.CryptoKey): Promise<ArrayBuffer>;
}
export const KEYS = SUITE.kem as unknown as Keys;

/** 04 || x || y of P-256 (SEC 1 section 2.3.3): a public key, and what stands before the ciphertext. */
export const POINT_BYTES = 65;
export const SCALAR_BYTES = 32;
export const TAG_BYTES = 16;
