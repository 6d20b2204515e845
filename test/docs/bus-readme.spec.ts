import { afterAll, expect, test } from '@jest/globals';
import { startNats, stopAllNats } from '@countersign/bus/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { root } from '../tidy/workspaces.js';
import { snippetsIn } from './documents.js';
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
