import type { Hash } from '../hashing/hash.js';
import { checkHash, emptyRoot, nodeHash } from '../hashing/hash.js';
import { TlogError } from '../tlog-error.js';
import { foldNodes, nodesOf } from './node.js';
import { checkSize } from './tree-size.js';

/** A tree of which only the roots of its full subtrees are kept: what it takes to append, and to say the root. */
export class GrowingTree {
  private leaves = 0;
  private readonly full: Hash[] = []; // the largest first

  /** The tree that `size` and `subtrees` of another told of. Throws TlogError `size` or `hash`. */
  static from(size: number, subtrees: readonly Hash[]): GrowingTree {
    const tree = new GrowingTree();
    tree.leaves = checkSize(size);
    const expected = nodesOf({ from: 0, to: size }).length;
    if (subtrees.length !== expected)
      throw new TlogError('size', `a tree of ${size} leaves has ${expected} full subtrees, not ${subtrees.length}`);
    tree.full.push(...subtrees.map((hash) => checkHash(hash, 'a subtree')));
    return tree;
  }

  get size(): number {
    return this.leaves;
  }

  /** Roots of the full subtrees, the largest first: one for each 1 in the size's binary digits. */
  get subtrees(): readonly Hash[] {
    return [...this.full];
  }

  /** `leaf` is a leaf's hash. */
  append(leaf: Hash): void {
    let hash = leaf;
    for (let rest = this.leaves; rest % 2 === 1; rest = (rest - 1) / 2) hash = nodeHash(this.full.pop() as Hash, hash);
    this.full.push(hash);
    this.leaves += 1;
  }

  root(): Hash {
    return this.leaves === 0 ? emptyRoot() : foldNodes(this.full);
  }
}
