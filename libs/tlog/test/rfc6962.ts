import { createHash } from 'node:crypto';

/** RFC 6962 section 2.1 word for word, for comparison: as slow as it reads. */

const H = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** The largest power of two smaller than n. */
const k = (n: number): number => (n <= 2 ? 1 : 2 * k(Math.ceil(n / 2)));

/** The Merkle Tree Hash of section 2.1. */
export function MTH(D: readonly Uint8Array[]): Buffer {
  const n = D.length;
  if (n === 0) return H();
  if (n === 1) return H(Buffer.of(0x00), D[0] as Uint8Array);
  return H(Buffer.of(0x01), MTH(D.slice(0, k(n))), MTH(D.slice(k(n))));
}

/** The audit path of section 2.1.1. */
export function PATH(m: number, D: readonly Uint8Array[]): Buffer[] {
  const n = D.length;
  if (n === 1) return [];
  if (m < k(n)) return [...PATH(m, D.slice(0, k(n))), MTH(D.slice(k(n)))];
  return [...PATH(m - k(n), D.slice(k(n))), MTH(D.slice(0, k(n)))];
}

/** The consistency proof of section 2.1.2. */
export const PROOF = (m: number, D: readonly Uint8Array[]): Buffer[] => SUBPROOF(m, D, true);

function SUBPROOF(m: number, D: readonly Uint8Array[], b: boolean): Buffer[] {
  const n = D.length;
  if (m === n) return b ? [] : [MTH(D)];
  if (m <= k(n)) return [...SUBPROOF(m, D.slice(0, k(n)), b), MTH(D.slice(k(n)))];
  return [...SUBPROOF(m - k(n), D.slice(k(n)), false), MTH(D.slice(0, k(n)))];
}
