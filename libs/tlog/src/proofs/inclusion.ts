import type { Hash } from '../hashing/hash.js';
import { checkHash, nodeHash, sameHash } from '../hashing/hash.js';
import type { HashReader, Range } from '../tree/node.js';
import { middle, readRanges } from '../tree/node.js';
import type { TreeHead } from '../tree/tree-size.js';
import { checkIndex } from '../tree/tree-size.js';
import { TlogError } from '../tlog-error.js';
import { checkLength } from './proof-length.js';

/** That a leaf stands at an index of a tree. Throws TlogError `size`, and what `read` throws. */
export async function proveInclusion(index: number, size: number, read: HashReader): Promise<Hash[]> {
  checkIndex(index, size);
  return readRanges(siblings(index, size), read);
}

/** `leaf` is the leaf's hash. Throws TlogError: `size`, `hash`, `proof-length`, `root`. */
export function checkInclusion(leaf: Hash, index: number, { size, root }: TreeHead, proof: readonly Hash[]): void {
  checkIndex(index, size);
  const ranges = siblings(index, size);
  checkLength(proof, ranges.length);
  let hash = checkHash(leaf, 'the leaf');
  for (const [at, { from }] of ranges.entries()) {
    const sibling = checkHash(proof[at] as Hash, `hash ${at} of the proof`);
    hash = from > index ? nodeHash(hash, sibling) : nodeHash(sibling, hash);
  }
  if (!sameHash(hash, root))
    throw new TlogError('root', `with this proof leaf ${index} is not in the tree of ${size} leaves that is signed`);
}

/** What stands beside the way from the leaf up to the root: PATH(index, D[0:size]) of RFC 6962 section 2.1.1. */
function siblings(index: number, size: number): Range[] {
  const found: Range[] = [];
  let { from, to } = { from: 0, to: size };
  while (to - from > 1) {
    const split = middle({ from, to });
    if (index < split) {
      found.push({ from: split, to });
      to = split;
    } else {
      found.push({ from, to: split });
      from = split;
    }
  }
  return found.reverse();
}
