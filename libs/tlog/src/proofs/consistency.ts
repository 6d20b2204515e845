import type { Hash } from '../hashing/hash.js';
import { checkHash, emptyRoot, nodeHash, sameHash } from '../hashing/hash.js';
import type { HashReader, Range } from '../tree/node.js';
import { middle, readRanges } from '../tree/node.js';
import type { TreeHead } from '../tree/tree-size.js';
import { checkSize } from '../tree/tree-size.js';
import { TlogError } from '../tlog-error.js';
import { checkLength } from './proof-length.js';

/** That a tree begins with an older one. Throws TlogError `size` or `rollback`, and what `read` throws. */
export async function proveConsistency(older: number, newer: number, read: HashReader): Promise<Hash[]> {
  checkOrder(older, newer);
  return readRanges(wayOf(older, newer).ranges, read);
}

/**
 * Every tree extends the empty one, with an empty proof; so does each tree itself.
 * Throws TlogError: `size`, `hash`, `proof-length`, `rollback`, `split-view`, `not-an-extension`.
 */
export function checkConsistency(older: TreeHead, newer: TreeHead, proof: readonly Hash[]): void {
  checkOrder(older.size, newer.size);
  checkHash(older.root, 'the older root');
  checkHash(newer.root, 'the newer root');
  const { ranges, beginsInProof } = wayOf(older.size, newer.size);
  checkLength(proof, ranges.length);
  for (const [at, hash] of proof.entries()) checkHash(hash, `hash ${at} of the proof`);
  if (older.size === newer.size) {
    if (!sameHash(older.root, newer.root))
      throw new TlogError('split-view', `there are two trees of ${older.size} leaves`);
    return;
  }
  if (older.size === 0) {
    if (!sameHash(older.root, emptyRoot())) throw new TlogError('split-view', 'there are two trees without leaves');
    return;
  }
  const start = beginsInProof ? (proof[0] as Hash) : older.root;
  let [inOlder, inNewer] = [start, start];
  for (let at = beginsInProof ? 1 : 0; at < proof.length; at += 1) {
    const sibling = proof[at] as Hash;
    if ((ranges[at] as Range).to <= older.size) {
      inOlder = nodeHash(sibling, inOlder);
      inNewer = nodeHash(sibling, inNewer);
    } else inNewer = nodeHash(inNewer, sibling);
  }
  if (!sameHash(inOlder, older.root) || !sameHash(inNewer, newer.root))
    throw new TlogError(
      'not-an-extension',
      `with this proof the tree of ${newer.size} leaves does not begin with the one of ${older.size} that is known`,
    );
}

function checkOrder(older: number, newer: number): void {
  if (checkSize(older) > checkSize(newer))
    throw new TlogError('rollback', `the tree has ${newer} leaves, and had ${older} before`);
}

/**
 * What the proof consists of: PROOF(older, D[0:newer]) of RFC 6962 section 2.1.2. The way down ends at the last full
 * subtree of the older tree; that is in the proof unless it is the whole older tree, whose root the reader has.
 */
function wayOf(older: number, newer: number): { ranges: Range[]; beginsInProof: boolean } {
  if (older === 0) return { ranges: [], beginsInProof: false };
  const found: Range[] = [];
  let { from, to } = { from: 0, to: newer };
  while (to !== older) {
    const split = middle({ from, to });
    if (older <= split) {
      found.push({ from: split, to });
      to = split;
    } else {
      found.push({ from, to: split });
      from = split;
    }
  }
  const beginsInProof = from > 0;
  if (beginsInProof) found.push({ from, to });
  return { ranges: found.reverse(), beginsInProof };
}
