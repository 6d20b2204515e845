import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../tidy/workspaces.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-count-'));
  writeFileSync(join(folder, 'package.json'), '{ "jest": { "testEnvironment": "node" } }');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What the reporter counts when Jest runs these files. */
function countOf(
  files: Record<string, string>,
  ...args: string[]
): { passed: number; failed: number; notes: string[] } {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const countFile = join(folder, 'count.json');
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const reporter = join(root, 'deploy/bootstrap/jest-reporter.mjs');
  spawnSync(process.execPath, [jest, '--ci', '--runInBand', '--rootDir', folder, `--reporters=${reporter}`, ...args], {
    cwd: folder,
    env: { ...process.env, COUNTERSIGN_COUNT_FILE: countFile },
    timeout: 60_000,
  });
  return JSON.parse(readFileSync(countFile, 'utf8')) as ReturnType<typeof countOf>;
}

test('passed and failed are counted as Jest says', () => {
  const count = countOf({
    'a.test.js': `test('one', () => {}); test('two', () => { throw 1; }); test('three', () => {});`,
  });
  expect(count).toEqual({ passed: 2, failed: 1, notes: [] });
});

test('what was not run is failed, by name', () => {
  const count = countOf({
    'a.test.js': `test('fine', () => {}); test.skip('left out', () => {}); test.todo('later');`,
    'b.test.js': `test.only('alone', () => {}); test('beside it', () => {});`,
  });
  expect(count).toMatchObject({ passed: 2, failed: 3 });
  expect(count.notes.sort()).toEqual(['pending: beside it', 'pending: left out', 'todo: later']);
});

test('a suite that did not start is one failure', () => {
  const count = countOf({ 'a.test.js': `throw new Error('at once');`, 'b.test.js': `test('fine', () => {});` });
  expect(count).toMatchObject({ passed: 1, failed: 1 });
  expect(count.notes).toEqual([expect.stringMatching(/^did not run: .*a\.test\.js$/)]);
});

test('tests left out by name are left out by choice', () => {
  const count = countOf({ 'a.test.js': `test('this', () => {}); test('that', () => {});` }, '-t', 'this');
  expect(count).toEqual({ passed: 1, failed: 0, notes: [] });
});

test('a snapshot that no test uses is a failure', () => {
  rmSync(join(folder, '__snapshots__'), { recursive: true, force: true });
  countOf({ 'a.test.js': `test('this', () => expect(1).toMatchSnapshot());` }, '--ci=false');
  const count = countOf({ 'a.test.js': `test('this', () => {});` });
  expect(count).toMatchObject({ passed: 1, failed: 1, notes: [expect.stringMatching(/^(?:a )?snapshot/)] });
});
