import { ECDH } from 'node:crypto';
import { PairingError } from './pairing-error.js';

/** Node's name of NIST P-256 (secp256r1). */
export const CURVE = 'prime256v1';
/** 04 || x || y (SEC 1 section 2.3.3). */
export const POINT_BYTES = 65;

/**
 * Checks another end's ephemeral point: exactly 65 bytes, 04 || x || y, on the curve. Compressed and hybrid forms are
 * refused although libraries and HSMs read them: a transcript must have one form. Throws PairingError 'point'.
 */
export function checkPoint(bytes: Uint8Array): Buffer {
  if (bytes.length !== POINT_BYTES || bytes[0] !== 0x04)
    throw new PairingError('point', 'a point is 65 bytes: 04, x and y of P-256');
  const point = Buffer.from(bytes);
  try {
    ECDH.convertKey(point, CURVE, undefined, undefined, 'uncompressed'); // OpenSSL refuses what is not on the curve
  } catch (error) {
    throw new PairingError('point', 'the point is not on P-256', { cause: error });
  }
  return point;
}
