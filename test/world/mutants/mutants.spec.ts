import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '@countersign/local';
import { recorder } from '../../torture/recorder/recorder.js';
import { MUTANTS, mutant } from './mutants.js';

const CHANGED = [
  'libs/account/dist/outcome.js',
  'libs/ledger/dist/appender.js',
  'services/verification/dist/places/account-place.js',
  'services/key-derivation/dist/matching/match.js',
];

/** Loads the builds that somebody changes, in a process with these variables. */
function load(variables: Record<string, string>): { status: number | null; stderr: string } {
  const script = CHANGED.map((file) => `await import(${JSON.stringify(join(ROOT, file))});`).join('\n');
  const env = { ...process.env, EVALUATIONS_FOLDER: '/dev', ...variables };
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' });
}

describe('what changes a build while it is loaded fits the sources as they are:', () => {
  test.each(MUTANTS)('%s', (name) => expect(load(mutant(name))).toMatchObject({ status: 0 }));

  test('the recorder of evaluations', () => {
    // it opens its file where no file can be made: it was loaded, and reached
    expect(load(recorder('/dev/null')).stderr).toContain('ENOTDIR');
  });

  test('and one that does not fit says so', () => {
    const patch = pathToFileURL(join(ROOT, 'test/world/mutants/patch.mjs')).href;
    const misfit = `import { patch } from ${JSON.stringify(patch)}; patch({ '/dist/appender.js': [['no such text', '']] });`;
    const { status, stderr } = load({ NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(misfit)}` });
    expect(status).not.toBe(0);
    expect(stderr).toContain('mend the mutant');
  });
});
