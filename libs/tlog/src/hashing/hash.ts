import { TlogError } from '../tlog-error.js';
import { sha256 } from './sha256.js';

export const HASH_BYTES = 32;

/** An entry bundle has 16 bits for an entry's length (C2SP tlog-tiles). */
export const MAX_LEAF_BYTES = 0xffff;

/** 32 bytes, of a leaf or of a node above leaves. */
export type Hash = Uint8Array;

// RFC 6962 section 2.1: what a leaf and a node begin with, so that neither can pass for the other
const LEAF = 0x00;
const NODE = 0x01;

const leafInput = Buffer.alloc(1 + MAX_LEAF_BYTES, LEAF);
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES, NODE);

/** The root of a tree without leaves. */
export const emptyRoot = (): Hash => sha256(new Uint8Array());

/** Throws TlogError `leaf`. */
export function leafHash(leaf: Uint8Array): Hash {
  if (leaf.length > MAX_LEAF_BYTES)
    throw new TlogError('leaf', `a leaf has at most ${MAX_LEAF_BYTES} bytes, not ${leaf.length}`);
  leafInput.set(leaf, 1);
  return sha256(leafInput.subarray(0, 1 + leaf.length));
}

/** Both must be hashes. */
export function nodeHash(left: Hash, right: Hash): Hash {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return sha256(nodeInput);
}

export const sameHash = (one: Hash, other: Hash): boolean => Buffer.compare(one, other) === 0;

/** Throws TlogError `hash`. */
export function checkHash(value: Uint8Array, what: string): Hash {
  if (value.length !== HASH_BYTES)
    throw new TlogError('hash', `${what} must have ${HASH_BYTES} bytes, not ${value.length}`);
  return value;
}
