import type { Hash } from '../hashing/hash.js';
import { nodeHash } from '../hashing/hash.js';
import { TlogError } from '../tlog-error.js';

/** The root of the full subtree over 2^level leaves that begins at leaf index * 2^level. */
export interface Node {
  level: number;
  index: number;
}

/** Leaves from `from` on, before `to`: RFC 6962's D[from:to]. */
export interface Range {
  from: number;
  to: number;
}

/** Gives the hash of each node, in the order asked. Trees are stored in many ways; this is all that proofs ask of one. */
export type HashReader = (nodes: readonly Node[]) => Promise<readonly Hash[]>;

/** The level of the largest full subtree among so many leaves, which are at least one. Math.log2 rounds above 2^48. */
export function highestLevel(leaves: number): number {
  let level = 0;
  while (2 ** (level + 1) <= leaves) level += 1;
  return level;
}

/** Where RFC 6962 section 2.1 splits a range of two leaves or more: after the largest power of two below its length. */
export const middle = ({ from, to }: Range): number => from + 2 ** highestLevel(to - from - 1);

/** The full subtrees that a range of the tree consists of, the largest first. */
export function nodesOf({ from, to }: Range): Node[] {
  const nodes: Node[] = [];
  for (let at = from; at < to;) {
    const level = highestLevel(to - at);
    nodes.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return nodes;
}

/** The hash of a range, from those of its nodes: at least one. */
export const foldNodes = (hashes: readonly Hash[]): Hash => hashes.reduceRight((right, left) => nodeHash(left, right));

/** The hash of each range, none of them empty; everything is read at once. */
export async function readRanges(ranges: readonly Range[], read: HashReader): Promise<Hash[]> {
  const nodes = ranges.map(nodesOf);
  const wanted = nodes.flat();
  const hashes = wanted.length === 0 ? [] : await read(wanted);
  if (hashes.length !== wanted.length)
    throw new TlogError('hash', `${wanted.length} nodes were asked for, ${hashes.length} came`);
  let at = 0;
  return nodes.map(({ length }) => foldNodes(hashes.slice(at, (at += length))));
}
