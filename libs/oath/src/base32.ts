import { ScureBase32Plugin } from 'otplib';
import { Secret } from '@countersign/runtime';

const base32 = new ScureBase32Plugin();

/** RFC 4648 section 6, upper case, without padding: what authenticator apps expect. */
export function encodeBase32(secret: Secret): string {
  return base32.encode(Uint8Array.from(secret.reveal()), { padding: false });
}

/**
 * Reads base32 as people type it: either case, groups set apart by blanks or dashes, padding or none.
 * Throws RangeError for anything else, without showing the text.
 */
export function decodeBase32(text: string): Secret {
  const plain = /^([A-Za-z2-7]+)=*$/.exec(text.replace(/[\s-]/g, '')); // before upper case: ß would become SS
  if (!plain) throw new RangeError('not base32 (RFC 4648 section 6)');
  try {
    return new Secret(base32.decode(plain[1]!.toUpperCase()));
  } catch {
    throw new RangeError('not base32 (RFC 4648 section 6)');
  }
}
