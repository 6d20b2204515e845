import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sleep } from '@countersign/runtime';
import { birthOf } from './birth.js';
import { childVariables } from './child-variables.js';
import { ChildRegister } from './children.js';
import { StateFolder } from './folder.js';
import { sizeOf, textSince } from './log-file.js';
import type { RestartPolicy } from './program.js';
import { SupervisedProcess } from './supervised.js';
import { untilYes } from './wait-until.js';

const QUICK: RestartPolicy = { firstPauseMs: 20, longestPauseMs: 80, steadyAfterMs: 60_000 };
const LIVES = `console.log('ready'); setInterval(() => {}, 1000);`;

let folder: StateFolder;
let made: SupervisedProcess[];
beforeEach(() => {
  folder = new StateFolder(mkdtempSync(join(tmpdir(), 'countersign-supervised-')));
  folder.make();
  made = [];
});
afterEach(async () => {
  await Promise.all(made.map((each) => each.stop('SIGKILL')));
  rmSync(folder.path, { recursive: true, force: true });
});

function supervise(source: string, policy: RestartPolicy | 'never' = QUICK, states: string[] = []): SupervisedProcess {
  const program = {
    name: 'try-1',
    command: process.execPath,
    args: ['-e', source],
    variables: childVariables(),
    logFile: folder.log('try-1'),
    ready: (life: Parameters<typeof untilYes>[0]) => untilYes(life, () => life.logged().includes('ready')),
  };
  const supervised = new SupervisedProcess(program, new ChildRegister(folder), policy, ({ state }) =>
    states.push(state),
  );
  made.push(supervised);
  return supervised;
}

const children = (): unknown[] => JSON.parse(readFileSync(folder.children(), 'utf8')) as unknown[];

test('starts, is written down while it lives, and stops', async () => {
  const states: string[] = [];
  const supervised = supervise(LIVES, QUICK, states);
  await supervised.start();
  const pid = supervised.pid as number;
  expect(children()).toEqual([{ name: 'try-1', pid, birth: birthOf(pid) }]);
  await supervised.stop();
  expect(birthOf(pid)).toBeUndefined();
  expect(children()).toEqual([]);
  expect(states).toEqual(['starting', 'ready', 'stopped']);
});

describe('a process that dies by itself', () => {
  test('is started again', async () => {
    const supervised = supervise(LIVES);
    await supervised.start();
    const first = supervised.pid;
    await supervised.crash();
    await supervised.ready();
    expect(supervised.pid).not.toBe(first);
    expect(supervised.restarts).toBe(1);
  });

  test('stays down where nothing is to be restarted, until it is started by hand', async () => {
    const supervised = supervise(LIVES, 'never');
    await supervised.start();
    await supervised.crash();
    await expect(supervised.ready()).rejects.toThrow('it was stopped');
    await supervised.start();
    expect(supervised.state).toBe('ready');
  });

  test('before it was ever ready has failed, and its last words are told', async () => {
    const supervised = supervise(`console.error('no such token'); process.exit(1)`);
    await expect(supervised.start()).rejects.toThrow(/try-1 did not start: it ended\nno such token\n/);
    expect(supervised.restarts).toBe(0);
  });

  test('with the status for a wrong configuration is not started again', async () => {
    const flag = join(folder.path, 'flag');
    writeFileSync(flag, '');
    const supervised = supervise(`
      if (!require('node:fs').existsSync(${JSON.stringify(flag)})) process.exit(78);
      ${LIVES}`);
    await supervised.start();
    rmSync(flag);
    await supervised.crash();
    await expect(supervised.ready()).rejects.toThrow('it ended');
    expect(supervised.state).toBe('failed');
  });
});

test('a process that hears no SIGTERM is ended all the same', async () => {
  const supervised = supervise(`process.on('SIGTERM', () => {}); ${LIVES}`);
  await supervised.start();
  const pid = supervised.pid as number;
  await supervised.stop('SIGTERM', 100);
  expect(birthOf(pid)).toBeUndefined();
});

test('a paused process stops too, and in order', async () => {
  const supervised =
    supervise(`${LIVES} setInterval(() => console.log('.'), 1); process.on('exit', () => console.log('bye'));
    process.on('SIGTERM', () => process.exit(0));`);
  await supervised.start();
  const pid = supervised.pid as number;
  supervised.kill('SIGSTOP');
  for (let before = -1; before !== sizeOf(folder.log('try-1')); await sleep(100)) before = sizeOf(folder.log('try-1'));
  await supervised.stop('SIGTERM', 1000);
  expect(birthOf(pid)).toBeUndefined();
  expect(textSince(folder.log('try-1'), 0)).toMatch(/bye\n$/);
});

test('a program that does not exist has failed', async () => {
  const supervised = supervise(LIVES);
  Object.assign(supervised.program, { command: join(folder.path, 'nothing') });
  await expect(supervised.start()).rejects.toThrow('try-1 did not start');
});

test('gets nothing of our environment but what every program needs', () => {
  process.env['NATS_SERVERS'] = 'somewhere:4222';
  try {
    expect(Object.keys(childVariables())).not.toContain('NATS_SERVERS');
    expect(childVariables()['PATH']).toBe(process.env['PATH']);
  } finally {
    delete process.env['NATS_SERVERS'];
  }
});
