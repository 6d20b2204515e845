import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeBundle } from '@countersign/tlog';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TileFolder } from './tile-folder.js';
import { tileOf, tileStoreSuite } from './tile-store.suite.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-tiles-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('tiles in a folder', () => {
  tileStoreSuite(() => new TileFolder(folder));

  test('lie where any web server finds them; what a full one begins with goes', async () => {
    const store = new TileFolder(join(folder, 'served'));
    const entries = Array.from({ length: 256 }, (_, at) => Buffer.from(`entry ${at}`));
    const bundle = (width: number) => ({ bundle: { index: 0, width }, bytes: encodeBundle(entries.slice(0, width)) });
    await store.write([tileOf(2), tileOf(5, { index: 1234 })], [bundle(2)]);
    const files = () => readdirSync(join(folder, 'served'), { recursive: true, encoding: 'utf8' }).sort();
    expect(files()).toEqual(expect.arrayContaining(['tile/0/000.p/2', 'tile/0/x001/234.p/5', 'tile/entries/000.p/2']));
    await store.write([tileOf(256)], [bundle(256)]);
    expect(files().filter((each) => each.includes('000'))).toEqual(['tile/0/000', 'tile/entries/000']);
    expect(files().filter((each) => each.endsWith('.new'))).toEqual([]);
    expect(readFileSync(join(folder, 'served/tile/0/000'))).toEqual(tileOf(256).bytes);
  });

  test('the checkpoint that was published last is found again', async () => {
    const store = new TileFolder(join(folder, 'published'));
    expect(await store.published()).toBeUndefined();
    for (const note of ['one', 'two']) await store.publish(note);
    expect(await new TileFolder(join(folder, 'published')).published()).toBe('two');
    expect(readFileSync(join(folder, 'published/checkpoint'), 'utf8')).toBe('two');
  });
});
