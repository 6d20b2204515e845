import type { Hash } from '../hashing/hash.js';
import { TlogError } from '../tlog-error.js';

/** The specifications allow 2^63 - 1; a number holds this exactly, which is a million leaves a second for 285 years. */
export const MAX_TREE_SIZE = Number.MAX_SAFE_INTEGER;

/** What is signed of a tree. */
export interface TreeHead {
  /** leaves */
  size: number;
  root: Hash;
}

/** Throws TlogError `size`. */
export function checkSize(size: number): number {
  if (!Number.isSafeInteger(size) || size < 0)
    throw new TlogError('size', `a tree has from 0 to ${MAX_TREE_SIZE} leaves, not ${size}`);
  return size;
}

/** Throws TlogError `size`. */
export function checkIndex(index: number, size: number): void {
  checkSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size)
    throw new TlogError('size', `a tree of ${size} leaves has no leaf ${index}`);
}
