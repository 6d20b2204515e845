import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readServers } from '@countersign/local';
import { insideNamespaces } from '../../../deploy/bootstrap/namespaces.mjs';
import { root } from '../../tidy/workspaces.js';
import { Namespaces } from './namespaces.js';

const BOTH = { here: true, b: true };

test('each line between two processes, and theirs to callers, is cut alone and heals', () => {
  const program = join(root, 'test', 'dist', 'torture', 'network', 'lines.js');
  const { command, args, env } = insideNamespaces(process.execPath, [program], readServers());
  const { stdout, stderr } = spawnSync(command, args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    whole: BOTH,
    'a-x->b': { here: true, b: false },
    'a-x->b, healed': BOTH,
    'b-x->a': { here: true, b: false },
    'b-x->a, healed': BOTH,
    'a-x->here': { here: false, b: true },
    'a-x->here, healed': BOTH,
    'here-x->a': { here: false, b: true },
    'here-x->a, healed': BOTH,
    alone: { here: false, b: false },
    'alone, healed': BOTH,
    'a-x->b twice, healed once': { here: true, b: false },
    'a-x->b twice, healed': BOTH,
  });
}, 90_000);

test('outside of the launcher there are none', () => {
  expect(() => new Namespaces(readServers())).toThrow('npm run torture');
});

test('a machine that cannot have them is told what it takes', () => {
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere'; // as if unshare were missing
  try {
    expect(() => insideNamespaces('true', [], readServers())).toThrow(/It takes Linux with util-linux and iproute2/);
  } finally {
    process.env['PATH'] = path;
  }
});
