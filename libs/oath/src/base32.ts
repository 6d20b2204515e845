import { base32nopad } from '@scure/base';
import { Secret } from '@countersign/runtime';
import { bytesFromBase32 } from './base32-bytes.js';

/** RFC 4648 section 6, upper case, without padding: what authenticator apps expect. */
export function encodeBase32(secret: Secret): string {
  return base32nopad.encode(Uint8Array.from(secret.reveal()));
}

/** What bytesFromBase32 reads, as a Secret. Throws RangeError, without showing the text. */
export function decodeBase32(text: string): Secret {
  const bytes = bytesFromBase32(text);
  const secret = new Secret(bytes);
  bytes.fill(0);
  return secret;
}
