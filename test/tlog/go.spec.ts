import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { auditKey } from '@countersign/local';
import {
  GrowingTiles,
  SIGNATURE_TYPES,
  bundlePath,
  encodeBundle,
  formatCheckpoint,
  formatVerifierKey,
  leafHash,
  openCheckpoint,
  parseVerifierKey,
  proveConsistency,
  proveInclusion,
  readTiles,
  signNote,
  tilePath,
  verifierKey,
  verifierOf,
  type Hash,
  type StoredTile,
} from '@countersign/tlog';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { World } from '../world/world.js';

/**
 * Go's own note and tlog packages read what libs/tlog makes, and what audit publishes and answers. They are in every Go toolchain's sources, so nothing is
 * fetched. Without Go, test/vectors/tlog-go.json is what they said once.
 */
const ORIGIN = 'example.org/log';
const [OLDER, SIZE] = [300, 66_000];
const ASKED = [0, 1, 255, 256, 299, 65_535, 65_536, SIZE - 1];
const MORE_THAN_A_TILE = 260; // of the service's own log
const TOGETHER = 8;
const BUILD_TIMEOUT_MS = 300_000; // the first build compiles Go's standard library

const goRoot = spawnSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).stdout?.trim();
const packages = join(goRoot ?? '', 'src/cmd/vendor/golang.org/x/mod');

/** What Go is asked about a log in a folder. */
interface Asked {
  folder: string;
  /** of the log: `name+id+key` */
  key: string;
  older: { size: number; root: Hash };
  proofs: { inclusion: Record<number, string[]>; consistency: string[] };
}

let folder: string;
let older: Asked['older'];
let proofs: Asked['proofs'];
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const { x = '' } = publicKey.export({ format: 'jwk' });
const key = verifierKey(ORIGIN, SIGNATURE_TYPES.ed25519, Buffer.from(x, 'base64url'));
const base64 = (hash: Hash) => Buffer.from(hash).toString('base64');
const program = () => join(folder, 'read-log');

if (!goRoot || !existsSync(packages)) {
  test(`Go is not on this machine: its packages did NOT read this build's log, see test/vectors/tlog-go.json`, () => {
    console.warn('Install Go to have its note and tlog packages read what libs/tlog makes: npm test -- test/tlog');
  });
} else {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-tlog-'));
    cpSync(packages, join(folder, 'mod'), { recursive: true });
    writeFileSync(join(folder, 'mod/go.mod'), 'module golang.org/x/mod\n\ngo 1.22\n');
    cpSync(join(import.meta.dirname, 'go/main.go'), join(folder, 'main.go'));
    const replaced = 'require golang.org/x/mod v0.0.0\n\nreplace golang.org/x/mod => ./mod\n';
    writeFileSync(join(folder, 'go.mod'), `module read-log\n\ngo 1.22\n\n${replaced}`);
    const env = { ...process.env, GOFLAGS: '-mod=mod -buildvcs=false', GOPROXY: 'off', GOTOOLCHAIN: 'local' };
    const built = spawnSync('go', ['build', '-o', program()], { cwd: folder, env, encoding: 'utf8' });
    expect(`${built.stdout}${built.stderr}`).toBe('');
    await publish();
  }, BUILD_TIMEOUT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describe("Go's note and tlog packages", () => {
    test('open the checkpoint, read the tiles and entries, make the same proofs and accept them', () => {
      expect(readByGo()).toBe('all is well');
    });

    test.each([
      ['the checkpoint', 'checkpoint', 'note: '],
      ['a full tile', 'tile/0/000', 'tiles: '],
      ['a partial tile', 'tile/0/257.p/208', 'tiles: '],
      ['a bundle', 'tile/entries/000', 'inclusion of '],
    ])('refuse %s with a changed byte', (_, path, said) => {
      const file = join(folder, path);
      const bytes = readFileSync(file);
      const wrong = Buffer.from(bytes);
      wrong[8] = (wrong[8] as number) ^ 1;
      writeFileSync(file, wrong);
      expect(readByGo()).toContain(said);
      writeFileSync(file, bytes);
    });

    test('refuse a consistency proof with a hash less', () => {
      expect(readByGo({ ...proofs, consistency: proofs.consistency.slice(1) })).toContain('consistency: ');
    });

    test("open audit's own checkpoint, read its tiles and entries, and accept the proofs that it answers with", async () => {
      const files = join(folder, 'served');
      await using world = await World.start({ variables: { audit: { AUDIT_DIRECTORY: files } } });
      const asked = { folder: files, ...(await askedOf(world)) };
      expect(goSays(asked)).toBe('all is well');
      const [first = ''] = asked.proofs.inclusion[0] ?? [];
      const inclusion = { ...asked.proofs.inclusion, 0: [first, first] };
      expect(goSays({ ...asked, proofs: { ...asked.proofs, inclusion } })).toContain('inclusion of 0: ');
    });
  });
}

/** Lets audit's log grow over a full tile, and asks for proofs as anybody may. */
async function askedOf(world: World): Promise<Omit<Asked, 'folder'>> {
  const [app, audit] = [await world.caller('app'), await world.caller('audit')];
  const key = auditKey(world.platform.folder);
  const open = (note: string) => openCheckpoint(note, verifierOf(parseVerifierKey(key)));
  const ask = (name: number) => app.verify({ account: `nobody-${name}`, code: '000000' });
  const { sequence: few } = await ask(0);
  const older = open((await audit.receipt({ sequence: few })).checkpoint);
  let last = few;
  for (let from = 1; last < MORE_THAN_A_TILE; from += TOGETHER)
    for (const { sequence } of await Promise.all(Array.from({ length: TOGETHER }, (_, at) => ask(from + at))))
      last = Math.max(last, sequence);
  const { size } = open((await audit.receipt({ sequence: last })).checkpoint);
  const { proof: consistency } = await audit.proof({ from: older.size, size });
  const inclusion: Record<number, string[]> = {};
  for (const index of [0, older.size - 1, 255, 256, size - 1])
    inclusion[index] = (await audit.proof({ sequence: index + 1, size })).proof;
  return { key, older, proofs: { inclusion, consistency } };
}

/** Writes a log as it would be served, and makes proofs from its tiles. */
async function publish(): Promise<void> {
  const growing = new GrowingTiles();
  const stored = new Map<string, Uint8Array>();
  const keep = (made: readonly StoredTile[]) => {
    for (const { tile, bytes } of made) stored.set(tilePath(tile), bytes);
  };
  const entries = Array.from({ length: SIZE }, (_, at) => Buffer.from(`entry ${at}`));
  for (const [at, entry] of entries.entries()) {
    if (at === OLDER) older = { size: OLDER, root: growing.root() };
    keep(growing.append(leafHash(entry)));
  }
  keep(growing.partial());
  const head = { size: SIZE, root: growing.root() };
  const text = formatCheckpoint({ origin: ORIGIN, ...head });
  const signer = { ...key, sign: async (bytes: Uint8Array) => sign(null, bytes, privateKey) };
  stored.set('checkpoint', Buffer.from(await signNote({ text, signatures: [] }, [signer])));
  for (let at = 0; at < SIZE; at += 256) {
    const bundle = entries.slice(at, at + 256);
    stored.set(bundlePath({ index: at / 256, width: bundle.length }), encodeBundle(bundle));
  }
  for (const [path, bytes] of stored) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  const read = readTiles(head, async (tiles) => tiles.map((tile) => stored.get(tilePath(tile)) as Uint8Array));
  proofs = { inclusion: {}, consistency: (await proveConsistency(OLDER, SIZE, read)).map(base64) };
  for (const index of ASKED) proofs.inclusion[index] = (await proveInclusion(index, SIZE, read)).map(base64);
}

const readByGo = (given = proofs): string => goSays({ folder, key: formatVerifierKey(key), older, proofs: given });

function goSays({ folder, key, older, proofs }: Asked): string {
  const args = [folder, key, String(older.size), base64(older.root)];
  return spawnSync(program(), args, { input: JSON.stringify(proofs), encoding: 'utf8' }).stdout.trim();
}
