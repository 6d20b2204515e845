import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TiledLog, leavesOf, testKey } from '../test/logs.js';
import { changed, outcomeOf } from '../test/refusals.js';
import { checkConsistency, checkInclusion, leafHash, proveConsistency, proveInclusion } from './index.js';
import { cosignatureSigner, ed25519Verifier, formatCheckpoint, openCheckpoint, readTiles, signNote } from './index.js';
import { SIGNATURE_TYPES, cosignatureVerifier, verifierKey } from './index.js';
import type { Hash, Node, TreeHead } from './index.js';

/** Set PROPERTY_SEED to play a failing run again; fast-check prints seed and path of a failure. */
const seed = Number(process.env.PROPERTY_SEED ?? process.hrtime.bigint() % 2_147_483_647n);
const runs = (numRuns: number) => ({ seed, numRuns });

const change = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) });
const number = fc.nat({ max: 2 ** 31 - 1 }); // of a leaf, a size, a hash: taken modulo how many there are

const SIZE = 1000;
const leaves = leavesOf(SIZE);
const heads: TreeHead[] = [];
const log = new TiledLog();

beforeAll(() => {
  heads.push(log.publish());
  for (const leaf of leaves) {
    log.append(leaf);
    heads.push(log.publish());
  }
});

const headOf = (size: number) => heads[size] as TreeHead;
const inList = (proof: readonly Hash[], which: number, by: { at: number; by: number }) =>
  proof.map((hash, at) => (at === which % proof.length ? changed(hash, by) : hash));

describe('any changed byte', () => {
  test('of a leaf, a root or an inclusion proof is found', async () => {
    const what = fc.constantFrom('nothing', 'leaf', 'root', 'proof');
    await fc.assert(
      fc.asyncProperty(number, number, what, number, change, async (anySize, any, part, which, by) => {
        const head = headOf(2 + (anySize % (SIZE - 1)));
        const index = any % head.size;
        const proof = await proveInclusion(index, head.size, readTiles(head, log.fetch));
        const leaf = Buffer.concat([leaves[index] as Buffer, Buffer.of(0)]);
        const outcome = await outcomeOf(() =>
          checkInclusion(
            leafHash(part === 'leaf' ? changed(leaf, by) : (leaves[index] as Buffer)),
            index,
            { ...head, root: part === 'root' ? changed(head.root, by) : head.root },
            part === 'proof' ? inList(proof, which, by) : proof,
          ),
        );
        expect(outcome).toBe(part === 'nothing' ? 'accepted' : 'root');
      }),
      runs(300),
    );
  });

  test('of a consistency proof or of a root is found', async () => {
    const what = fc.constantFrom('nothing', 'older', 'newer', 'proof');
    await fc.assert(
      fc.asyncProperty(number, number, what, number, change, async (one, other, part, which, by) => {
        const [first, second] = [1 + (one % SIZE), 1 + (other % SIZE)];
        const [older, newer] = [headOf(Math.min(first, second)), headOf(Math.max(first, second))];
        fc.pre(older.size < newer.size);
        const proof = await proveConsistency(older.size, newer.size, readTiles(newer, log.fetch));
        const outcome = await outcomeOf(() =>
          checkConsistency(
            part === 'older' ? { ...older, root: changed(older.root, by) } : older,
            part === 'newer' ? { ...newer, root: changed(newer.root, by) } : newer,
            part === 'proof' ? inList(proof, which, by) : proof,
          ),
        );
        expect(outcome).toBe(part === 'nothing' ? 'accepted' : 'not-an-extension');
      }),
      runs(300),
    );
  });

  test('of any tile that is read is found', async () => {
    await fc.assert(
      fc.asyncProperty(number, number, number, change, async (anySize, any, which, by) => {
        const head = headOf(1 + (anySize % SIZE));
        const node: Node = { level: 0, index: any % head.size };
        const read = readTiles(head, async (tiles) => inList(await log.fetch(tiles), which, by));
        expect(await outcomeOf(() => read([node]))).toBe('tile-content');
      }),
      runs(300),
    );
  });

  test('of a checkpoint, its signature or a cosignature is found', async () => {
    const [own, witness] = [testKey('example.org/log', Buffer.alloc(32, 1)), testKey('w.example', Buffer.alloc(32, 2))];
    const ownVerifier = ed25519Verifier(own.key);
    const witnessVerifier = cosignatureVerifier(
      verifierKey(witness.name, SIGNATURE_TYPES.cosignature, witness.publicKey),
    );
    const text = formatCheckpoint({ origin: own.name, ...headOf(SIZE), extensions: ['è'] });
    const note = Buffer.from(
      await signNote({ text, signatures: [] }, [own.signer, cosignatureSigner(witness, 1_700_000_000)]),
    );
    /** What is left of the note: in a signer's name or id a change makes a signature of somebody unknown. */
    const outcome = async (bytes: Uint8Array) => {
      let cosignatures = 0;
      const kind = await outcomeOf(() => {
        ({ length: cosignatures } = openCheckpoint(bytes, ownVerifier, [witnessVerifier]).cosignatures);
      });
      return kind === 'accepted' && cosignatures === 0 ? 'not cosigned' : kind;
    };
    expect(await outcome(note)).toBe('accepted');
    for (let at = 0; at < note.length; at += 1)
      for (const by of [1, 0x20, 0x80])
        expect([at, await outcome(changed(note, { at, by }))]).not.toEqual([at, 'accepted']);
  });
});
