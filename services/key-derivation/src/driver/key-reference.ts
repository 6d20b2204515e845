import { fromBase64url, toBase64url } from '@countersign/pairing';

/**
 * What stands inside a reference of this driver:
 * `d<version>.<nonce>`: derived from that version of the devices master; `s<version>.<blob>`: sealed under that version
 * of the storage master. Neither is secret, and neither says anything without its device's label.
 */
export type KeyReference =
  { kind: 'derived'; version: number; nonce: Buffer } | { kind: 'sealed'; version: number; blob: Buffer };

export const NONCE_BYTES = 16;
const MIN_BLOB_BYTES = 24; // AES-KWP of 9 to 16 bytes
const MAX_BLOB_BYTES = 136; // of 128

const SHAPE = /^([ds])([1-9][0-9]{0,3})\.([A-Za-z0-9_-]{1,200})$/;

/** undefined for a text that this driver never made. */
export function parseReference(text: string): KeyReference | undefined {
  const parts = SHAPE.exec(text);
  if (!parts) return undefined;
  const bytes = bytesOf(parts[3]!);
  const version = Number(parts[2]);
  if (parts[1] === 'd') return bytes?.length === NONCE_BYTES ? { kind: 'derived', version, nonce: bytes } : undefined;
  const fits = bytes !== undefined && bytes.length >= MIN_BLOB_BYTES && bytes.length <= MAX_BLOB_BYTES;
  return fits && bytes.length % 8 === 0 ? { kind: 'sealed', version, blob: bytes } : undefined;
}

export function formatReference(reference: KeyReference): string {
  const { kind, version } = reference;
  return kind === 'derived'
    ? `d${version}.${toBase64url(reference.nonce)}`
    : `s${version}.${toBase64url(reference.blob)}`;
}

function bytesOf(text: string): Buffer | undefined {
  try {
    return fromBase64url(text, 'reference');
  } catch {
    return undefined;
  }
}
