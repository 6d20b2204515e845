import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { hide } from '../hidden.js';
import type { Hidden } from '../hidden.js';
import { M, N, SCALAR_BYTES, writePoint } from './group.js';
import type { Point } from './group.js';
import { withLengths } from './little-endian-lengths.js';
import type { Identities } from './registration.js';

/** What both ends know besides the password, and mean alike, or the confirmation fails. */
export interface Terms extends Identities {
  /** RFC 9383 section 3.3: what the exchange is for */
  context: Uint8Array;
}

/** All that the two computed and sent. Z and V are known to both alone. */
export interface Exchanged {
  shareP: Uint8Array;
  shareV: Uint8Array;
  Z: Point;
  V: Point;
  w0: bigint;
}

export interface Keys {
  confirmP: Uint8Array;
  confirmV: Uint8Array;
  /** 32 bytes */
  shared: Hidden;
}

/** RFC 9383 section 3.3: TT. */
export function transcriptOf(terms: Terms, { shareP, shareV, Z, V, w0 }: Exchanged): Uint8Array {
  const { context, idProver, idVerifier } = terms;
  const points = [writePoint(M), writePoint(N), shareP, shareV, writePoint(Z), writePoint(V)];
  return withLengths([context, idProver, idVerifier, ...points, scalarBytes(w0)]);
}

/** RFC 9383 section 3.4, with SHA-256, HKDF and HMAC. */
export function keysOf(terms: Terms, exchanged: Exchanged): Keys {
  const main = sha256(transcriptOf(terms, exchanged));
  const confirmation = derive(main, utf8ToBytes('ConfirmationKeys'), 64);
  return {
    confirmP: hmac(sha256, confirmation.subarray(0, 32), exchanged.shareV),
    confirmV: hmac(sha256, confirmation.subarray(32), exchanged.shareP),
    shared: hide(derive(main, utf8ToBytes('SharedKey'), 32)),
  };
}

/** HKDF (RFC 5869) without salt. */
export function derive(key: Uint8Array, info: Uint8Array, lengthBytes: number): Uint8Array {
  return hkdf(sha256, key, undefined, info, lengthBytes);
}

function scalarBytes(scalar: bigint): Uint8Array {
  const bytes = new Uint8Array(SCALAR_BYTES);
  for (let at = SCALAR_BYTES - 1, rest = scalar; at >= 0; at--, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  return bytes;
}
