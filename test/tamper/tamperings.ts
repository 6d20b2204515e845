import { CHECKPOINT_PATH, TILE_WIDTH, type TreeHead } from '@countersign/tlog';
import type { FindingKind } from '@countersign/audit-verifier';
import type { Chance } from '../torture/chance/chance.js';
import { inventedEntry } from './entries.js';
import { bundlesOf, isTile, published, tilesOf, type Files, type LogKey } from './made-log.js';

/** A log that is right, and what an attacker may have besides. */
export interface Victim {
  entries: readonly Buffer[];
  files: Files;
  head: TreeHead;
  key: LogKey;
  /** a key that is not the log's */
  otherKey: LogKey;
  /** the same log when it was smaller, and was verified */
  seen: TreeHead;
  /** told by the entry that follows it on its subject: the places of these are known without any hash */
  told: readonly number[];
}

export interface Tampered {
  files: Files;
  /** for people */
  how: string;
  /** the entry that the first finding must name; undefined where none can be named */
  index?: number;
}

type Tampering = (victim: Victim, chance: Chance) => Promise<Tampered>;

/** Every kind of the verifier's findings, done to a log at random. */
export const TAMPERINGS: Record<FindingKind, Tampering> = {
  changed: async (victim, chance) => (chance.happens(0.8) ? changedFile(victim, chance) : changedEntry(victim, chance)),

  dropped: async (victim, chance) => {
    const count = chance.among([1, 1, 1, 2, 300]);
    const index = placeFor(victim, chance, count + TILE_WIDTH);
    return put(victim, spliced(victim.entries, index, count), chance, { how: `${count} dropped at ${index}`, index });
  },

  inserted: async (victim, chance) => {
    const index = placeFor(victim, chance);
    const copied = chance.happens(0.3);
    const entry = copied ? chance.among(victim.entries) : inventedEntry(chance);
    const how = `${copied ? 'a copy' : 'an invented entry'} inserted at ${index}`;
    return put(victim, spliced(victim.entries, index, 0, entry), chance, { how, ...(!copied && { index }) });
  },

  reordered: async (victim, chance) => {
    const [one, other] = twoPlaces(victim, chance);
    const entries = [...victim.entries];
    [entries[one], entries[other]] = [entries[other] as Buffer, entries[one] as Buffer];
    return put(victim, entries, chance, { how: `${one} and ${other} exchanged`, index: Math.min(one, other) });
  },

  truncated: async (victim, chance) => {
    const { length } = victim.entries;
    const index = length - 1 - chance.whole(chance.among([10, length / 2]));
    return put(victim, victim.entries.slice(0, index), chance, { how: `cut off at ${index}`, index });
  },

  /** The log's own key signs another history; nothing inside of the log shows it. */
  forked: async ({ entries, key, seen }, chance) => {
    const index = chance.whole(seen.size);
    const other = spliced(entries, index, chance.whole(2), inventedEntry(chance));
    const { files } = await published(chance.happens(0.5) ? other : other.slice(0, seen.size), key);
    return { files, how: `another history from ${index} on is signed` };
  },

  'old-checkpoint': async (victim, chance) => {
    const { entries, key, seen } = victim;
    const old = entries.slice(0, chance.whole(seen.size));
    if (chance.happens(0.2)) return { files: (await published(old, key)).files, how: `the whole log of ${old.length}` };
    const checkpoint = await key.checkpoint(tilesOf(old).head);
    return { files: withCheckpoint(victim.files, checkpoint), how: `the checkpoint of ${old.length}` };
  },

  'other-key': async ({ entries, files, head, otherKey }, chance) => {
    if (chance.happens(0.8))
      return { files: withCheckpoint(files, await otherKey.checkpoint(head)), how: 'the same log, signed by another' };
    const changed = spliced(entries, chance.whole(entries.length), 1, inventedEntry(chance));
    return { files: (await published(changed, otherKey)).files, how: 'another log, signed by another' };
  },
};

/** A byte of any file of the log. */
function changedFile({ files }: Victim, chance: Chance): Tampered {
  const kinds = { bundle: isBundle, tile: isTile, checkpoint: (path: string) => path === CHECKPOINT_PATH };
  const kind = chance.among(['bundle', 'bundle', 'tile', 'checkpoint'] as const);
  const path = chance.among([...files.keys()].filter(kinds[kind]));
  const bytes = Buffer.from(files.get(path) as Uint8Array);
  const at = chance.whole(bytes.length);
  bytes[at] = (bytes[at] as number) ^ (1 + chance.whole(255));
  return { files: new Map(files).set(path, bytes), how: `byte ${at} of ${path} changed` };
}

/** A byte of an entry's body; whoever changed it made all tiles again. */
function changedEntry({ entries, files }: Victim, chance: Chance): Tampered {
  const index = chance.whole(entries.length);
  const entry = Buffer.from(entries[index] as Buffer);
  const at = entry.indexOf('\n') + 1 + chance.whole(entry.length - entry.indexOf('\n') - 1);
  entry[at] = (entry[at] as number) ^ (1 + chance.whole(255));
  return {
    files: remade(files, spliced(entries, index, 1, entry)),
    how: `byte ${at} of entry ${index}, tiles made again`,
  };
}

/** Puts other entries in: all of them in their new places with the old tiles, or with tiles made again from them. */
function put(
  victim: Victim,
  entries: readonly Buffer[],
  chance: Chance,
  told: { how: string; index?: number },
): Tampered {
  if (chance.happens(0.5)) return { files: replaced(victim.files, bundlesOf(entries), isBundle), ...told };
  return { files: remade(victim.files, entries), how: `${told.how}, tiles made again` };
}

/** All but the checkpoint, which needs the key. */
const remade = (files: Files, entries: readonly Buffer[]): Files =>
  replaced(files, new Map([...tilesOf(entries).files, ...bundlesOf(entries)]), (path) => path !== CHECKPOINT_PATH);

const replaced = (files: Files, others: Files, which: (path: string) => boolean): Files =>
  new Map([...[...files].filter(([path]) => !which(path)), ...others]);

const withCheckpoint = (files: Files, note: string): Files => new Map(files).set(CHECKPOINT_PATH, Buffer.from(note));

const isBundle = (path: string): boolean => path !== CHECKPOINT_PATH && !isTile(path);

const spliced = (entries: readonly Buffer[], index: number, count: number, ...others: Buffer[]): Buffer[] => [
  ...entries.slice(0, index),
  ...others,
  ...entries.slice(index + count),
];

/** A place with something after it that tells where it was. */
const placeFor = ({ told }: Victim, chance: Chance, fromEnd = 1): number =>
  told[chance.whole(told.length - fromEnd)] as number;

function twoPlaces(victim: Victim, chance: Chance): [number, number] {
  const one = chance.whole(victim.told.length - 1);
  const other = chance.happens(0.5) ? one + 1 : (one + 1 + chance.whole(victim.told.length - 1)) % victim.told.length;
  return [victim.told[one] as number, victim.told[other] as number];
}
