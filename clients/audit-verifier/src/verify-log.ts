import { MAX_LEAF_BYTES, leafHash, sameHash } from '@countersign/tlog';
import type { Hash, TreeHead, VerifierKey } from '@countersign/tlog';
import { differences } from './differences.js';
import type { Finding } from './finding.js';
import { entryHashes, legibleEntries, tileHashes } from './leaves.js';
import { nameDifferences } from './name-differences.js';
import { openPinned } from './open-pinned.js';
import { resumed } from './resumed.js';
import { retrace, sameHead } from './retrace.js';
import type { Retraced } from './retrace.js';
import type { StoredLog } from './stored-log.js';
import { nameByPlaces } from './told-places.js';

export interface VerifyOptions {
  /** the only key that is believed */
  key: VerifierKey;
  /** what was verified before: the log must begin with it */
  seen?: TreeHead;
  /** believe what was verified before, and read only what came since */
  resume?: boolean;
  /** how far it is, after every 256 entries */
  tell?: (done: number, total: number) => void;
}

export interface Verified {
  note: Uint8Array;
  /** the checkpoint, as it is signed; undefined where it is not by the key */
  head: TreeHead | undefined;
  /** what the leaves were hashed from; tiles alone show that the log grew, not what stands in it */
  from: 'entries' | 'tiles';
  /** nothing is wrong when there are none */
  findings: Finding[];
}

/** Makes the whole tree again and says what is wrong, if anything. Throws where no log is, or a file cannot be read. */
export function verifyLog(log: StoredLog, options: VerifyOptions): Verified {
  const from = log.hasEntries() ? 'entries' : 'tiles';
  const note = log.checkpoint();
  if (note === undefined) throw new Error('there is no log here: one has a file named checkpoint');
  const pinned = openPinned(note, options.key);
  if (pinned.kind === 'refused') return { note, head: undefined, from, findings: [pinned.finding] };
  const head = pinned.checkpoint;
  const old = options.seen && againstSeen(head, options.seen);
  return { note, head, from, findings: old ? [old] : look(log, head, from, options) };
}

/** What can be said of the heads alone. */
function againstSeen(head: TreeHead, seen: TreeHead): Finding | undefined {
  if (head.size < seen.size)
    return {
      kind: 'old-checkpoint',
      text: `the checkpoint is of ${head.size} entries, and ${seen.size} were verified before`,
    };
  return head.size === seen.size && !sameHead(head, seen) ? forked(seen) : undefined;
}

const forked = ({ size }: TreeHead): Finding => ({
  kind: 'forked',
  text: `another history is signed: the first ${size} entries are not those that were verified before`,
});

function look(log: StoredLog, head: TreeHead, from: Verified['from'], options: VerifyOptions): Finding[] {
  const { seen, resume, tell } = options;
  const hashes = (start = 0) => (from === 'entries' ? entryHashes : tileHashes)(log, head.size, start);
  const tree = resume && seen !== undefined ? resumed(log, seen) : undefined;
  const own = retrace(log, hashes(tree?.size), {
    tree,
    earlier: seen?.size,
    tell: (done) => tell?.(done, head.size),
  });
  if (sameHead(own.head, head)) return [...forks(own, seen), ...otherTiles(own)];
  if (from === 'tiles') return [brokenTiles(own, head)];
  const told = retrace(log, tileHashes(log, head.size), { earlier: seen?.size });
  if (!sameHead(told.head, head)) return [nameByPlaces(legibleEntries(log, head.size), head.size)];
  const expected = texts(tileHashes(log, head.size));
  const found = texts(hashed(legibleEntries(log, head.size)));
  return [...forks(told, seen), ...nameDifferences(differences(expected, found), head.size)];
}

const forks = ({ earlier }: Retraced, seen: TreeHead | undefined): Finding[] =>
  seen !== undefined && (earlier === undefined || !sameHash(earlier, seen.root)) ? [forked(seen)] : [];

/** The entries are right, so each of these is wrong. */
const otherTiles = ({ otherTiles }: Retraced): Finding[] =>
  otherTiles.map((path) => ({ kind: 'changed', text: `${path} is changed or missing; every entry is right` }));

/** Of a log without entries: where the tiles end, or no longer agree. */
function brokenTiles({ head: { size }, otherTiles: [first] }: Retraced, head: TreeHead): Finding {
  if (size < head.size)
    return { kind: 'truncated', index: size, count: head.size - size, text: `no tile has the hash of entry ${size}` };
  const where = first === undefined ? '' : `; ${first} is not what those below it give`;
  return { kind: 'changed', text: `the tiles do not lead to the signed root${where}` };
}

function* hashed(entries: Iterable<Uint8Array>): Generator<Hash, void> {
  for (const entry of entries) yield leafHash(entry.subarray(0, MAX_LEAF_BYTES));
}

function* texts(hashes: Iterable<Hash>): Generator<string, void> {
  for (const hash of hashes) yield Buffer.from(hash).toString('latin1');
}
