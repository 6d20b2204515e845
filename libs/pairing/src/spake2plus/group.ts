import { p256 } from '@noble/curves/nist.js';
import type { RandomBytes } from '@countersign/runtime/portable';
import { PairingError } from '../pairing-error.js';

// This folder, by-pin, two-step and invitation run in browsers as well as in Node: no node:crypto, no Buffer. Node has no
// addition of points to offer anyway.

export type Point = InstanceType<typeof p256.Point>;

/** P-256's generator. Its order is prime, and the cofactor is 1: there are no small subgroups. */
export const G = p256.Point.BASE;
export const ORDER = p256.Point.Fn.ORDER;

/** RFC 9383 section 4, for P-256: two points whose logarithms nobody knows. */
export const M = p256.Point.fromHex('02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f');
export const N = p256.Point.fromHex('03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49');

/** 04 || x || y (SEC 1 section 2.3.3): the one form that is sent and taken. */
const POINT_BYTES = 65;
export const SCALAR_BYTES = 32;

/**
 * Reads the other end's point. Compressed forms, points off the curve and the identity are PairingError 'point'
 * (RFC 9383 section 6 asks for all of it).
 */
export function readPoint(bytes: Uint8Array): Point {
  if (bytes.length !== POINT_BYTES || bytes[0] !== 0x04)
    throw new PairingError('point', 'a point is 65 bytes: 04, x and y of P-256');
  try {
    const point = p256.Point.fromBytes(bytes);
    point.assertValidity();
    return point;
  } catch (error) {
    throw new PairingError('point', 'the point is not on P-256', { cause: error });
  }
}

export function writePoint(point: Point): Uint8Array {
  return point.toBytes(false);
}

/** A scalar from 1 to the order less 1, every one as likely. */
export function drawScalar(random: RandomBytes): bigint {
  for (;;) {
    const scalar = bigEndian(random.bytes(SCALAR_BYTES));
    if (scalar > 0n && scalar < ORDER) return scalar; // anything else comes once in 2^32 draws
  }
}

/** `scalar` times `point`, in time that does not tell the scalar. The identity is PairingError 'point'. */
export function times(point: Point, scalar: bigint): Point {
  if (point.is0()) throw new PairingError('point', 'the point and the password cancel out'); // RFC 9383 section 3.3
  return point.multiply(scalar);
}

export function bigEndian(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
