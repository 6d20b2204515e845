import { describe, expect, test } from '@jest/globals';
import { leavesOf, readerOf } from '../../test/logs.js';
import { outcomeOf } from '../../test/refusals.js';
import { MTH, PATH, PROOF } from '../../test/rfc6962.js';
import { go } from '../../test/vectors.js';
import { GrowingTree, emptyRoot, leafHash, nodeHash } from '../index.js';
import type { Hash } from '../index.js';
import { checkConsistency, checkInclusion, proveConsistency, proveInclusion } from './index.js';

const base64 = (hash: Hash) => Buffer.from(hash).toString('base64');
const bytes = (hash: string) => Buffer.from(hash, 'base64');

describe("the eight leaves of Certificate Transparency's tests", () => {
  const leaves = go.ct.leaves_hex.map((hex) => Buffer.from(hex, 'hex'));
  const roots = go.ct.roots_hex.map((hex) => Buffer.from(hex, 'hex'));
  const head = (size: number) => ({ size, root: roots[size] as Hash });

  test('a growing tree has the known root at each size', () => {
    const tree = new GrowingTree();
    for (const [size, root] of roots.entries()) {
      expect({ size: tree.size, root: tree.root() }).toEqual({ size, root });
      if (size < leaves.length) tree.append(leafHash(leaves[size] as Buffer));
    }
  });

  test.each(go.ct.inclusion)('leaf $index of $size is proved as Go does', async ({ index, size, proof }) => {
    const made = await proveInclusion(index, size, readerOf(leaves));
    expect(made.map(base64)).toEqual(proof);
    checkInclusion(leafHash(leaves[index] as Buffer), index, head(size), proof.map(bytes));
  });

  test.each(go.ct.consistency)(
    '$newer leaves begin with $older, proved as Go does',
    async ({ older, newer, proof }) => {
      const made = await proveConsistency(older, newer, readerOf(leaves));
      expect(made.map(base64)).toEqual(proof);
      checkConsistency(head(older), head(newer), proof.map(bytes));
    },
  );
});

describe('every tree up to 64 leaves', () => {
  const MAX = 64;
  const leaves = leavesOf(MAX);
  const read = readerOf(leaves);
  const heads = Array.from({ length: MAX + 1 }, (_, size) => ({ size, root: MTH(leaves.slice(0, size)) }));

  test("has the RFC's root, appended to one leaf after the other, and from any subtrees on", () => {
    let tree = new GrowingTree();
    for (const head of heads) {
      expect({ size: tree.size, root: tree.root() }).toEqual(head);
      tree = GrowingTree.from(tree.size, tree.subtrees);
      if (head.size < MAX) tree.append(leafHash(leaves[head.size] as Buffer));
    }
  });

  test("has the RFC's inclusion proofs, for every leaf", async () => {
    for (const head of heads)
      for (let index = 0; index < head.size; index += 1) {
        const proof = await proveInclusion(index, head.size, read);
        expect(proof).toEqual(PATH(index, leaves.slice(0, head.size)));
        checkInclusion(leafHash(leaves[index] as Buffer), index, head, proof);
      }
  });

  test("has the RFC's consistency proofs, from every older tree", async () => {
    for (const newer of heads)
      for (const older of heads.slice(0, newer.size + 1)) {
        const proof = await proveConsistency(older.size, newer.size, read);
        expect(proof).toEqual(older.size === 0 ? [] : PROOF(older.size, leaves.slice(0, newer.size)));
        checkConsistency(older, newer, proof);
      }
  });
});

describe('what is wrong is named', () => {
  const leaves = leavesOf(9);
  const other = [...leaves.slice(0, 3), Buffer.from('forged'), ...leaves.slice(4)];
  const head = (size: number, of = leaves) => ({ size, root: MTH(of.slice(0, size)) });
  const read = readerOf(leaves);

  test('of inclusion', async () => {
    const proof = await proveInclusion(3, 9, read);
    const leaf = leafHash(leaves[3] as Buffer);
    const check = (given: { leaf?: Hash; index?: number; root?: Hash; proof?: Hash[] }) =>
      outcomeOf(() =>
        checkInclusion(
          given.leaf ?? leaf,
          given.index ?? 3,
          { size: 9, root: given.root ?? head(9).root },
          given.proof ?? proof,
        ),
      );
    expect(await check({})).toBe('accepted');
    expect(await check({ leaf: leafHash(other[3] as Buffer) })).toBe('root');
    expect(await check({ root: head(9, other).root })).toBe('root');
    expect(await check({ index: 2 })).toBe('root');
    expect(await check({ index: 8 })).toBe('proof-length');
    expect(await check({ proof: proof.slice(1) })).toBe('proof-length');
    expect(await check({ proof: [...proof, emptyRoot()] })).toBe('proof-length');
    expect(await check({ proof: [...proof.slice(1), Buffer.alloc(31)] })).toBe('hash');
    for (const index of [9, -1, 0.5, NaN]) expect(await check({ index })).toBe('size');
  });

  test('of consistency', async () => {
    const proof = await proveConsistency(5, 9, read);
    const check = (older: { size: number; root: Hash }, newer: { size: number; root: Hash }, given = proof) =>
      outcomeOf(() => checkConsistency(older, newer, given));
    expect(await check(head(5), head(9))).toBe('accepted');
    expect(await check(head(5, other), head(9))).toBe('not-an-extension');
    expect(await check(head(5), head(9, other))).toBe('not-an-extension');
    expect(await check(head(9), head(5))).toBe('rollback');
    expect(await check(head(5), head(5, other), [])).toBe('split-view');
    expect(await check({ size: 0, root: head(1).root }, head(5), [])).toBe('split-view');
    expect(await check(head(5), head(9), proof.slice(1))).toBe('proof-length');
    expect(await check({ size: 5, root: Buffer.alloc(3) }, head(9))).toBe('hash');
    expect(await check(head(5), { size: 2 ** 53, root: head(9).root })).toBe('size');
    expect(await outcomeOf(() => proveConsistency(9, 5, read))).toBe('rollback');
  });

  test('of a reader that gives too little', async () => {
    expect(await outcomeOf(() => proveInclusion(3, 9, async () => []))).toBe('hash');
  });

  test('a node does not pass for a leaf (RFC 6962 section 2.1)', () => {
    const [left, right] = [leafHash(Buffer.from('a')), leafHash(Buffer.from('b'))];
    expect(leafHash(Buffer.concat([left, right]))).not.toEqual(nodeHash(left, right));
  });
});

test('a proof in the largest tree has its 53 hashes', async () => {
  const read = async (nodes: readonly object[]) => nodes.map(() => emptyRoot());
  expect(await proveInclusion(0, Number.MAX_SAFE_INTEGER, read)).toHaveLength(53);
  expect(await proveInclusion(Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER, read)).toHaveLength(52);
  expect(await outcomeOf(() => proveInclusion(0, 2 ** 53, read))).toBe('size');
});
