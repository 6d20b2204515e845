import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../tidy/workspaces.js';

/** Runs `program` in the foreground of a parent with a process group of its own, as a terminal would. */
function underParent(program: string) {
  const parent = `
    import { foreground } from ${JSON.stringify(join(root, 'deploy/bootstrap/commands.mjs'))};
    process.exitCode = await foreground(process.execPath, ['-e', ${JSON.stringify(program)}], { cwd: '/', signal: 'the program' });`;
  return spawn(process.execPath, ['--input-type=module', '-e', parent], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function firstLine(stream: AsyncIterable<unknown>): Promise<string> {
  for await (const chunk of stream) return String(chunk).trim();
  throw new Error('ended without a line');
}

test('the status of the program is the status of the command', async () => {
  expect((await once(underParent('process.exit(7)'), 'exit'))[0]).toBe(7);
  expect(
    (await once(underParent('process.kill(process.pid, "SIGKILL"); setTimeout(() => {}, 60000)'), 'exit'))[0],
  ).toBe(137);
});

test('Ctrl-C that comes from the terminal and from npm reaches the program once, and its end is waited for', async () => {
  const program = `
    let wishes = 0;
    process.on('SIGINT', () => { if (++wishes === 1) setTimeout(() => process.exit(40 + wishes), 300); });
    setTimeout(() => {}, 60000);
    console.log('ready');`;
  const parent = underParent(program);
  expect(await firstLine(parent.stdout)).toBe('ready');
  const group = -(parent.pid as number);
  process.kill(group, 'SIGINT'); // the terminal, to its whole group
  process.kill(parent.pid as number, 'SIGINT'); // npm, to its child
  expect((await once(parent, 'exit'))[0]).toBe(41);
});
