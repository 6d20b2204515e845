import { afterAll, expect, test } from '@jest/globals';
import { FAULTS } from '@countersign/testkit';
import { startNats, stopAllNats } from '@countersign/bus/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { formatVerifierKey } from '@countersign/tlog';
import { madeEntries } from '../tamper/entries.js';
import { LogKey, published, store } from '../tamper/made-log.js';
import { root } from '../tidy/workspaces.js';
import { Chance } from '../torture/chance/chance.js';
import { bare, snippetsIn, tableRows } from './documents.js';
import { compiled, runModule } from './programs.js';

afterAll(stopAllNats);

test('the service and the client of libs/bus/README.md meet', async () => {
  const [service = '', client = ''] = snippetsIn('libs/bus/README.md').map(({ text }) => compiled(text));
  const { address } = await startNats();
  const child = spawn(process.execPath, ['--input-type=module', '--eval', service], {
    cwd: root,
    env: { PATH: process.env['PATH'], NATS_SERVERS: address },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  try {
    for await (const line of createInterface(child.stderr)) if (line.includes('"message":"ready"')) break;
    const { status, output } = await runModule(client.replace('127.0.0.1:4222', address));
    expect({ status, output }).toEqual({ status: 0, output: 'hello Ann, from web\n' });
  } finally {
    child.kill('SIGTERM');
  }
  expect(await ended).toEqual([0, null]);
});

test('the platform of deploy/local/README.md starts, survives a crash and stops', async () => {
  const [source = ''] = snippetsIn('deploy/local/README.md').map(({ text }) => compiled(text));
  const folder = mkdtempSync(join(tmpdir(), 'countersign-readme-'));
  try {
    const { status, errors } = await runModule(source.replace('/tmp/try', folder));
    expect({ status, errors }).toEqual({ status: 0, errors: '' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the log of libs/tlog/README.md proves an event out of its tiles', async () => {
  const [source = ''] = snippetsIn('libs/tlog/README.md').map(({ text }) => compiled(text));
  const { status, output, errors } = await runModule(source);
  const paths = 'tile/0/000 tile/0/001.p/44 tile/1/000.p/1';
  expect({ status, output, errors }).toEqual({ status: 0, output: `${paths} 9\n`, errors: '' });
});

test('the verifier of clients/audit-verifier/README.md finds a log right, and a changed byte in it', async () => {
  const [source = ''] = snippetsIn('clients/audit-verifier/README.md').map(({ text }) => compiled(text));
  const folder = mkdtempSync(join(tmpdir(), 'countersign-readme-'));
  try {
    const key = new LogKey();
    const { files } = await published(madeEntries(300, new Chance(1)), key);
    store(files, folder);
    const here = source
      .replace(/'example\.org[^']*'/, JSON.stringify(formatVerifierKey(key.verifier)))
      .replace("'log'", JSON.stringify(folder));
    expect(await runModule(here)).toMatchObject({ status: 0, output: '300 right\n' });
    const bundle = Buffer.from(files.get('tile/entries/000') as Uint8Array);
    bundle.writeUInt8(bundle.readUInt8(100) ^ 1, 100);
    store(new Map([['tile/entries/000', bundle]]), folder);
    expect(await runModule(here)).toMatchObject({ status: 0, output: 'changed entry 0: changed\n300 wrong\n' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('docs/testkit.md: codes, a late clock and a fault come out as they are told', async () => {
  const [source = ''] = snippetsIn('docs/testkit.md')
    .filter(({ language }) => language === 'ts')
    .map(({ text }) => compiled(text));
  const { status, output, errors } = await runModule(source);
  expect({ status, errors }).toEqual({ status: 0, errors: '' });
  const [, ...verdicts] = output.trim().split('\n');
  expect(verdicts).toEqual(['accepted', 'replayed', 'wrong_code', 'wrong_code', 'accepted']);
});

test('docs/testkit.md lists every fault', () => {
  const said = tableRows('docs/testkit.md', 'Faults', 'name').map(([name]) => bare(name).replace('<service>', ''));
  const names = FAULTS.map((name) => name.replace(/:.*/, ':'));
  expect(said).toEqual([...new Set(names)]);
});
