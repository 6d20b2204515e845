import { sha256 } from '../hashing/sha256.js';

/** The byte that says which algorithm a key is for (C2SP signed-note, "Signature types"). */
export const SIGNATURE_TYPES = {
  ed25519: 0x01,
  /** a witness's, with a time (C2SP tlog-cosignature) */
  cosignature: 0x04,
} as const;

export type SignatureType = (typeof SIGNATURE_TYPES)[keyof typeof SIGNATURE_TYPES];

/** The first 32 bits of SHA-256 over name, newline, type and key. It names a key, and secures nothing. */
export const keyId = (name: string, type: SignatureType, publicKey: Uint8Array): number =>
  sha256(Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), Uint8Array.of(type), publicKey])).readUInt32BE();
