import { fromBase64, toBase64 } from '../hashing/base64.js';
import { TlogError } from '../tlog-error.js';
import { keyId, SIGNATURE_TYPES } from './key-id.js';
import type { SignatureType } from './key-id.js';
import { isKeyName } from './key-name.js';

export const ED25519_KEY_BYTES = 32;

/** Who may have signed: what people are given to check a log with. */
export interface VerifierKey {
  name: string;
  id: number;
  type: SignatureType;
  /** Ed25519, 32 bytes */
  publicKey: Uint8Array;
}

/** Throws TlogError `key`. */
export function verifierKey(name: string, type: SignatureType, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw new TlogError('key', 'the name of a key is not empty and has no space and no +');
  if (publicKey.length !== ED25519_KEY_BYTES)
    throw new TlogError('key', `an Ed25519 key has ${ED25519_KEY_BYTES} bytes, not ${publicKey.length}`);
  return { name, id: keyId(name, type, publicKey), type, publicKey };
}

/** `name+id+key`: the id in hexadecimal; type and key in base64 (C2SP signed-note, "Verifier keys"). */
export function formatVerifierKey({ name, id, type, publicKey }: VerifierKey): string {
  const key = toBase64(Buffer.concat([Uint8Array.of(type), publicKey]));
  return `${name}+${id.toString(16).padStart(8, '0')}+${key}`;
}

/** Only what formatVerifierKey writes is read. Throws TlogError `key`. */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name = '', encoded = ''] = /^([^+]*)\+[0-9a-f]{8}\+(.*)$/s.exec(text) ?? [];
  const bytes = fromBase64(encoded) ?? Buffer.alloc(0);
  const type = Object.values(SIGNATURE_TYPES).find((each) => each === bytes[0]);
  if (type === undefined)
    throw new TlogError('key', 'a verifier key is name+id+key, of type Ed25519 (1) or of a cosigner (4)');
  const key = verifierKey(name, type, Uint8Array.from(bytes.subarray(1)));
  if (formatVerifierKey(key) !== text) throw new TlogError('key', 'the id is not that of this name and key');
  return key;
}
