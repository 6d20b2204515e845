import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { birthOf } from './birth.js';
import { ChildRegister, endLeftovers } from './children.js';
import { StateFolder } from './folder.js';
import { AlreadyUp, takeLock } from './lock.js';

let folder: StateFolder;
beforeEach(() => {
  folder = new StateFolder(mkdtempSync(join(tmpdir(), 'countersign-lock-')));
});
afterEach(() => rmSync(folder.path, { recursive: true, force: true }));

/** A process that lives until it is ended. */
function bystander(): { pid: number; ended: Promise<unknown> } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  return { pid: child.pid as number, ended: new Promise((resolve) => child.once('exit', resolve)) };
}

test('a folder has one holder at a time, and is free again afterwards', async () => {
  const release = await takeLock(folder);
  await expect(takeLock(folder)).rejects.toThrow(AlreadyUp);
  await expect(takeLock(folder)).rejects.toThrow(`process ${process.pid}`);
  release();
  expect(existsSync(folder.lock())).toBe(false);
  (await takeLock(folder))();
});

test.each([
  ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, birth: '1' })],
  ['another process with the same number', JSON.stringify({ pid: process.pid, birth: 'another' })],
  ['nobody, since a crash cut it short', '{"pi'],
  ['nobody, since a crash left it empty', ''],
])('a lock of %s is stale', async (_whose, text) => {
  writeFileSync(folder.lock(), text);
  const release = await takeLock(folder);
  expect(JSON.parse(readFileSync(folder.lock(), 'utf8'))).toMatchObject({ pid: process.pid });
  release();
});

test('of several who find a stale lock one gets it', async () => {
  writeFileSync(folder.lock(), JSON.stringify({ pid: 2 ** 22 + 1, birth: '1' }));
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(folder)));
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('whoever takes a stale lock ends what its holder left running', async () => {
  const left = bystander();
  new ChildRegister(folder).add('nats', left.pid);
  writeFileSync(folder.lock(), JSON.stringify({ pid: 2 ** 22 + 1, birth: '1' }));
  const release = await takeLock(folder);
  await left.ended;
  expect(existsSync(folder.children())).toBe(false);
  release();
});

test('a process that only has the number of one we started is left alone', async () => {
  const stranger = bystander();
  writeFileSync(folder.children(), JSON.stringify([{ name: 'nats', pid: stranger.pid, birth: 'another' }]));
  await endLeftovers(folder);
  expect(birthOf(stranger.pid)).toBeDefined();
  process.kill(stranger.pid);
  await stranger.ended;
  expect(birthOf(stranger.pid)).toBeUndefined();
});
