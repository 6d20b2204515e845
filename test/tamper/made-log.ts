import {
  CHECKPOINT_PATH,
  GrowingTiles,
  SIGNATURE_TYPES,
  TILE_WIDTH,
  bundlePath,
  encodeBundle,
  formatCheckpoint,
  leafHash,
  parseTilePath,
  signNote,
  tilePath,
  verifierKey,
  type StoredTile,
  type TreeHead,
  type VerifierKey,
} from '@countersign/tlog';
import type { LogFiles } from '@countersign/audit-verifier';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Chance } from '../torture/chance/chance.js';
import { entriesOneByOne } from './entries.js';

export const ORIGIN = 'example.org/countersign';

/** A log's key, as key-derivation has one. */
export class LogKey {
  readonly verifier: VerifierKey;
  private readonly privateKey: KeyObject;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const { x = '' } = publicKey.export({ format: 'jwk' });
    this.verifier = verifierKey(ORIGIN, SIGNATURE_TYPES.ed25519, Buffer.from(x, 'base64url'));
    this.privateKey = privateKey;
  }

  checkpoint(head: TreeHead): Promise<string> {
    const text = formatCheckpoint({ origin: ORIGIN, ...head });
    const signer = { ...this.verifier, sign: async (bytes: Uint8Array) => sign(null, bytes, this.privateKey) };
    return signNote({ text, signatures: [] }, [signer]);
  }
}

/** Files by their paths. */
export type Files = Map<string, Uint8Array>;

/** The bundles of these entries from bundle `first` on. */
export function bundlesOf(entries: readonly Uint8Array[], first = 0): Files {
  const files: Files = new Map();
  for (let at = first * TILE_WIDTH; at < entries.length; at += TILE_WIDTH) {
    const bundle = entries.slice(at, at + TILE_WIDTH);
    files.set(bundlePath({ index: at / TILE_WIDTH, width: bundle.length }), encodeBundle(bundle));
  }
  return files;
}

/** The tiles over these entries, and the head that they lead to. */
export function tilesOf(entries: readonly Uint8Array[]): { files: Files; head: TreeHead } {
  const files: Files = new Map();
  const keep = (made: readonly StoredTile[]) => {
    for (const { tile, bytes } of made) files.set(tilePath(tile), bytes);
  };
  const tree = new GrowingTiles();
  for (const entry of entries) keep(tree.append(leafHash(entry)));
  keep(tree.partial());
  return { files, head: { size: tree.size, root: tree.root() } };
}

/** A whole log as it is published. */
export async function published(
  entries: readonly Uint8Array[],
  key: LogKey,
): Promise<{ files: Files; head: TreeHead }> {
  const { files, head } = tilesOf(entries);
  for (const [path, bytes] of bundlesOf(entries)) files.set(path, bytes);
  files.set(CHECKPOINT_PATH, Buffer.from(await key.checkpoint(head)));
  return { files, head };
}

/** What the verifier reads, out of memory. */
export const inMemory = (files: Files): LogFiles => ({
  read: (path) => files.get(path),
  names: (path) => [
    ...new Set(
      [...files.keys()]
        .filter((each) => each.startsWith(`${path}/`))
        .map((each) => each.slice(path.length + 1).split('/')[0] as string),
    ),
  ],
});

export const isTile = (path: string): boolean => path !== CHECKPOINT_PATH && parseTilePath(path).kind === 'tile';

/** Writes a log, or some of its files, into a folder. */
export function store(files: Files, folder: string): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

/** Writes a log of so many entries, which need not fit into memory. */
export async function makeLog(folder: string, size: number, chance: Chance, key: LogKey): Promise<void> {
  const tree = new GrowingTiles();
  const keep = (made: readonly StoredTile[]) =>
    store(new Map(made.map(({ tile, bytes }) => [tilePath(tile), bytes])), folder);
  let bundle: Buffer[] = [];
  for (const entry of entriesOneByOne(size, chance)) {
    bundle.push(entry);
    keep(tree.append(leafHash(entry)));
    if (bundle.length < TILE_WIDTH && tree.size < size) continue;
    const index = Math.ceil(tree.size / TILE_WIDTH) - 1;
    store(new Map([[bundlePath({ index, width: bundle.length }), encodeBundle(bundle)]]), folder);
    bundle = [];
  }
  keep(tree.partial());
  const head = { size: tree.size, root: tree.root() };
  store(new Map([[CHECKPOINT_PATH, Buffer.from(await key.checkpoint(head))]]), folder);
}
