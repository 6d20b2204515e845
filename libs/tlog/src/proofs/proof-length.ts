import type { Hash } from '../hashing/hash.js';
import { TlogError } from '../tlog-error.js';

export function checkLength(proof: readonly Hash[], expected: number): void {
  if (proof.length !== expected)
    throw new TlogError('proof-length', `this proof has ${expected} hashes, not ${proof.length}`);
}
