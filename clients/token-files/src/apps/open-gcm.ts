import { createDecipheriv } from 'node:crypto';
import type { Secret } from '@countersign/runtime';
import { taken } from '../encodings.js';

export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

export interface Sealed {
  nonce: Buffer;
  ciphertext: Buffer;
  tag: Buffer;
}

/** AES-256-GCM (NIST SP 800-38D); undefined when the tag is not right: another key, or changed. */
export function openGcm(key: Secret, { nonce, ciphertext, tag }: Sealed): Secret | undefined {
  if (nonce.length !== NONCE_BYTES || tag.length !== TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key.reveal(), nonce, { authTagLength: TAG_BYTES }).setAuthTag(tag);
  const plain = decipher.update(ciphertext);
  try {
    decipher.final();
    return taken(plain);
  } catch {
    plain.fill(0);
    return undefined;
  }
}
