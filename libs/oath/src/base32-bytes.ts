import { base32nopad } from '@scure/base';

/**
 * Reads base32 as people type it: either case, groups set apart by blanks or dashes, padding or none.
 * Throws RangeError for anything else, without showing the text.
 */
export function bytesFromBase32(text: string): Uint8Array {
  const plain = /^([A-Za-z2-7]+)=*$/.exec(text.replace(/[\s-]/g, '')); // before upper case: ß would become SS
  if (!plain) throw new RangeError('not base32 (RFC 4648 section 6)');
  try {
    return base32nopad.decode(plain[1]!.toUpperCase());
  } catch {
    throw new RangeError('not base32 (RFC 4648 section 6)');
  }
}
