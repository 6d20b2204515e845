import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Log } from '@countersign/runtime';
import { WatchFile } from './watch-file.js';

describe('the position file', () => {
  let folder: string;
  let path: string;
  const file = (): WatchFile => new WatchFile(path, new Log('audit', 'error', () => undefined));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'audit-'));
    path = join(folder, 'position.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('keeps what was written, for its owner only', async () => {
    const watched = {
      position: 7,
      open: [{ kind: 'FORK' as const, subject: 'ledger.a.b', sequences: [1, 2] as [number, number] }],
    };
    await file().write(watched);
    expect(file().read()).toEqual(watched);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test.each(['', '{"posit', '{"position":-1,"open":[]}', '{"position":"3","open":[]}', 'null'])(
    'begins anew from %j',
    (text) => {
      writeFileSync(path, text);
      expect(file().read()).toEqual({ position: 0, open: [] });
    },
  );

  test('begins anew without a file', () => expect(file().read()).toEqual({ position: 0, open: [] }));
});
