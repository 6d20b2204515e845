import { equalBytes } from '@noble/curves/utils.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { base32nopad } from '@scure/base';
import { hide } from '../hidden.js';
import type { Hidden } from '../hidden.js';

const CHECKSUM_BYTES = 4;

/** What was typed: the part, or why it is none. A typing error passes the checksum once in 2^32. */
export type TypedPhonePart =
  { kind: 'part'; part: Hidden } | { kind: 'mistyped'; because: 'characters' | 'length' | 'checksum' };

/** The part as the phone shows it, for a person to type: base32 of four bytes of SHA-1 and the part, in groups of four. */
export function showPhonePart(part: Hidden): string {
  const bytes = part.reveal();
  const checked = new Uint8Array(CHECKSUM_BYTES + bytes.length);
  checked.set(checksumOf(bytes));
  checked.set(bytes, CHECKSUM_BYTES);
  return base32nopad.encode(checked).replace(/.{4}(?=.)/g, '$& ');
}

/** Reads what showPhonePart shows, as people type it: either case, blanks and dashes anywhere, padding or none. */
export function readPhonePart(typed: string, lengthBytes: number): TypedPhonePart {
  const plain = typed.replace(/[\s-]/g, '').replace(/=+$/, '');
  if (!/^[A-Za-z2-7]*$/.test(plain)) return { kind: 'mistyped', because: 'characters' };
  if (plain.length !== Math.ceil(((CHECKSUM_BYTES + lengthBytes) * 8) / 5))
    return { kind: 'mistyped', because: 'length' };
  const bytes = decoded(plain.toUpperCase());
  const part = bytes?.slice(CHECKSUM_BYTES);
  if (!bytes || !part || !equalBytes(bytes.subarray(0, CHECKSUM_BYTES), checksumOf(part)))
    return { kind: 'mistyped', because: 'checksum' };
  return { kind: 'part', part: hide(part) };
}

/** undefined when the last character has bits that no byte has: it is mistyped as well. */
function decoded(base32: string): Uint8Array | undefined {
  try {
    return base32nopad.decode(base32);
  } catch {
    return undefined;
  }
}

/** Against typing errors only: it is no secret, and SHA-1 is what the apps use. */
function checksumOf(part: Uint8Array): Uint8Array {
  return sha1(part).subarray(0, CHECKSUM_BYTES);
}
