import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../tidy/workspaces.js';
import { run, type Ended } from './run.js';

const EXAMPLE = join(root, 'clients', 'testkit', 'example');
const FROM_REGISTRY = ['jest', '@jest/globals', '@nats-io/transport-node'];

/** A project of somebody else's, beside the clone: npm links the testkit, and nothing else of Countersign is there. */
let project: string;
beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'countersign-example-'));
  for (const name of ['backend.mjs', 'backend.spec.mjs']) cpSync(join(EXAMPLE, name), join(project, name));
  const manifest = JSON.parse(readFileSync(join(EXAMPLE, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { dependencies: _, devDependencies: __, ...own } = manifest;
  await run('node', ['-e', `fs.writeFileSync('package.json', process.argv[1])`, JSON.stringify(own)], project);
  const installed = await npmInstall();
  expect({ status: installed.status, said: installed.status === 0 ? '' : installed.output }).toEqual({
    status: 0,
    said: '',
  });
  for (const name of FROM_REGISTRY) {
    const place = join(project, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), place);
  }
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** As docs/testkit.md has it; a folder needs no registry. */
const npmInstall = (): Promise<Ended> =>
  run('npm', ['install', '--offline', '--no-audit', '--save-dev', join(root, 'clients', 'testkit')], project);

test('the suite of a backend that has nothing else of ours passes', async () => {
  const jest = [
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    '--ci',
    '--colors=false',
  ];
  const { status, output } = await run(process.execPath, jest, project);
  expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
  expect(output).toMatch(/^Tests: +8 passed, 8 total$/m);
}, 120_000);

test('the backend imports nothing of ours', () => {
  expect(readFileSync(join(EXAMPLE, 'backend.mjs'), 'utf8')).not.toContain('@countersign/');
});
