import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../tidy/workspaces.js';

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-lock-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const lock = () => join(folder, 'state', 'set-up.lock');
const diary = () =>
  existsSync(join(folder, 'diary')) ? readFileSync(join(folder, 'diary'), 'utf8').trim().split('\n') : [];

/** A process that holds the lock for as long as `work` takes, and notes when it came and went. */
function holder(work: string): ChildProcess {
  const program = `
    import { appendFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { oneAtATime } from ${JSON.stringify(join(root, 'deploy/bootstrap/one-at-a-time.mjs'))};
    const note = (line) => appendFileSync(${JSON.stringify(join(folder, 'diary'))}, line + ' ' + process.pid + '\\n');
    await oneAtATime(${JSON.stringify(lock())}, { say: () => console.log('waiting') }, async () => {
      note('in'); console.log('in'); ${work}; note('out');
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function says(child: ChildProcess, word: string): Promise<void> {
  for await (const chunk of child.stdout ?? []) if (String(chunk).includes(word)) return;
  throw new Error(`ended without saying ${word}`);
}

test('several set-ups at once go one after the other', async () => {
  const all = Array.from({ length: 5 }, () => holder('await sleep(30)'));
  const statuses = await Promise.all(all.map(async (child) => (await once(child, 'exit'))[0] as number));
  expect(statuses).toEqual([0, 0, 0, 0, 0]);
  const lines = diary();
  expect(lines).toHaveLength(10);
  for (let i = 0; i < lines.length; i += 2) expect(lines[i]?.replace('in', 'out')).toBe(lines[i + 1]);
  expect(existsSync(lock())).toBe(false);
});

test('a set-up that was killed holds nobody up, however many wait for it', async () => {
  const first = holder('await sleep(600_000)');
  await says(first, 'in');
  const waiting = Array.from({ length: 4 }, () => holder('await sleep(30)'));
  const ends = Promise.all(waiting.map(async (child) => (await once(child, 'exit'))[0] as number));
  await Promise.all(waiting.map((child) => says(child, 'waiting')));
  first.kill('SIGKILL');
  expect(await ends).toEqual([0, 0, 0, 0]);
  const lines = diary().slice(1); // after the in of the one that was killed
  for (let i = 0; i < lines.length; i += 2) expect(lines[i]?.replace('in', 'out')).toBe(lines[i + 1]);
});

test('a lock whose process number was given to another process is no lock', async () => {
  const next = holder('0');
  await once(next, 'exit');
  writeFileSync(lock(), `${process.pid} 1`); // our number, another start
  expect((await once(holder('0'), 'exit'))[0]).toBe(0);
});

test('interrupted, it leaves no lock', async () => {
  const child = holder('await sleep(600_000)');
  await says(child, 'in');
  child.kill('SIGINT');
  expect((await once(child, 'exit'))[0]).toBe(130);
  expect(existsSync(lock())).toBe(false);
});
