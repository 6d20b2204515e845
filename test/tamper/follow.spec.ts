import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { SeenFile } from '@countersign/audit-verifier';
import { SystemClock } from '@countersign/runtime';
import { SIGNATURE_TYPES, cosignedAtSeconds, openCheckpoint, parseVerifierKey, verifierOf } from '@countersign/tlog';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cosignerKey, cosignerOf } from '../../clients/cli/src/auditing/following/cosigner.js';
import { followLog } from '../../clients/cli/src/auditing/following/follow-log.js';
import { Follower } from '../../clients/cli/src/auditing/following/follower.js';
import { filesAt } from '../../clients/cli/src/auditing/following/read-file.js';
import { tilesView } from '../../clients/cli/src/auditing/following/tiles-view.js';
import { Chance } from '../torture/chance/chance.js';
import { inventedEntry, madeEntries } from './entries.js';
import { LogKey, published, store } from './made-log.js';

const NOW_MS = 1_795_343_739_000;
const clock = { now: () => NOW_MS };
const key = new LogKey();
const entries = madeEntries(1000, new Chance(3));
const forked = entries.map((entry, index) => (index === 7 ? inventedEntry(new Chance(4)) : entry));

let folder: string;
let at = 0;
let place: string;
let seen: SeenFile;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-follow-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  place = join(folder, String((at += 1)));
  mkdirSync(place);
  seen = new SeenFile(join(place, 'seen'));
});

const show = async (what: readonly Buffer[], by = key) => {
  rmSync(join(place, 'log'), { recursive: true, force: true });
  store((await published(what, by)).files, join(place, 'log'));
};
const follower = (cosigner?: ReturnType<typeof cosignerOf>) =>
  new Follower({ view: tilesView(filesAt(join(place, 'log'))), key: key.verifier, seen, clock, cosigner });

test('a log that grows is right each time', async () => {
  await show(entries.slice(0, 300));
  expect(await follower().look()).toEqual({ kind: 'grown', size: 300, from: 0 });
  await show(entries);
  expect(await follower().look()).toEqual({ kind: 'grown', size: 1000, from: 300 });
  expect(await follower().look()).toEqual({ kind: 'same', size: 1000 });
});

test.each([
  ['larger', 1000],
  ['of the same size', 700],
  ['smaller', 500],
])('another history that is %s is wrong', async (_, size) => {
  await show(entries.slice(0, 700));
  await follower().look();
  const before = readFileSync(join(place, 'seen'), 'utf8');
  await show(forked.slice(0, size));
  const look = await follower().look();
  // of a smaller tree the files do not reach to what was seen: it can be refused, and not be proven another
  expect(look).toMatchObject({ kind: size < 700 ? 'doubt' : 'wrong', finding: { kind: 'forked' } });
  expect(readFileSync(join(place, 'seen'), 'utf8')).toBe(before);
});

test('another key is wrong', async () => {
  await show(entries, new LogKey());
  expect(await follower().look()).toMatchObject({ kind: 'wrong', finding: { kind: 'other-key' } });
});

test('an older checkpoint is in doubt, and after a while an end with the evidence kept', async () => {
  await show(entries);
  await follower().look();
  const { files } = await published(entries.slice(0, 300), key);
  writeFileSync(join(place, 'log/checkpoint'), files.get('checkpoint') as Uint8Array);
  const notes: string[] = [];
  const following = followLog({
    look: () => follower().look(),
    ...{ seen, clock: new SystemClock(), everyMs: 20, patienceMs: 50, once: false },
    tell: () => undefined,
    note: (text) => notes.push(text),
  });
  await expect(following).rejects.toMatchObject({ code: 'OLD_CHECKPOINT' });
  expect(notes.length).toBeGreaterThan(0);
  expect(readFileSync(join(place, 'seen.contradiction'))).toEqual(Buffer.from(files.get('checkpoint') as Uint8Array));
});

test('a log that does not show its tiles is in doubt, and one that does not answer is asked again', async () => {
  await show(entries.slice(0, 300));
  await follower().look();
  await show(entries);
  rmSync(join(place, 'log/tile/0'), { recursive: true });
  expect(await follower().look()).toMatchObject({ kind: 'doubt' });
  rmSync(join(place, 'log'), { recursive: true });
  await expect(follower().look()).rejects.toThrow('no log');
  expect(existsSync(join(place, 'seen.contradiction'))).toBe(false);
});

test('what was seen is cosigned, with the time', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const file = join(place, 'witness.pem');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const cosigner = cosignerOf('witness.example', file);
  await show(entries);
  await follower(cosigner).look();
  const witness = parseVerifierKey(cosignerKey(cosigner));
  expect(witness.type).toBe(SIGNATURE_TYPES.cosignature);
  const opened = openCheckpoint(readFileSync(join(place, 'seen')), verifierOf(key.verifier), [verifierOf(witness)]);
  const [{ signature } = { signature: new Uint8Array() }] = opened.cosignatures;
  expect(cosignedAtSeconds(signature)).toBe(NOW_MS / 1000);
  expect(await follower().look()).toEqual({ kind: 'same', size: 1000 });
});
