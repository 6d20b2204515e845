import { describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../tidy/workspaces.js';
import { quoted, tableRows } from './documents.js';

const SECTIONS = ['Codes used twice', 'Guesses that were not counted', 'Locks'];
const NAMED = /\btest\(\s*'([^']+)'/g;

/** The names of the tests in some files. */
const testsIn = (files: string[]): string[] =>
  files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(NAMED)].map(([, name]) => name as string),
  );

const history = readdirSync(join(root, 'test/history')).map((name) => `test/history/${name}`);
const rows = SECTIONS.flatMap((section) => tableRows('docs/others-failures.md', section, 'id')).map(
  ([id = '', , , triedBy]) => ({ id, tests: quoted(triedBy) }),
);

describe('docs/others-failures.md', () => {
  const known = testsIn([...history, 'test/hostile/outsider.spec.ts']);

  test.each(rows)('$id: the tests that it names are there, and cite it', ({ id, tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    for (const name of tests) {
      expect(known).toContain(name);
      expect(name.endsWith(` (${id})`)).toBe(true);
    }
  });

  test('has a row for every test of the history, and each failure once', () => {
    const named = rows.flatMap(({ tests }) => tests);
    expect(testsIn(history).filter((name) => !named.includes(name))).toEqual([]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    expect(rows).toHaveLength(20);
  });
});
