import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { neededServers } from './needed-servers.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-servers-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const put = (name: string): string => {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  chmodSync(path, 0o755);
  return path;
};
const places = () => ({
  root,
  serversFile: join(root, 'servers.json'),
  path: join(root, 'bin'),
  modules: [join(root, 'lib', 'libsofthsm2.so')],
});
const programs = ['bin/nats-server', 'bin/redis-server', 'bin/softhsm2-util', 'lib/libsofthsm2.so'];

test('a clone that was never built says what to run', () => {
  expect(() => neededServers(places())).toThrow(`not built; run once: cd ${root} && npm start -- --once`);
});

test('servers that are nowhere are named, with what to run', () => {
  put('services/verification/dist/main.js');
  put('bin/redis-server');
  expect(() => neededServers(places())).toThrow(
    `nats-server, softhsm2-util, libsofthsm2.so: not on this machine; run once: cd ${root} && npm start -- --once`,
  );
});

test('servers on PATH do', () => {
  put('services/verification/dist/main.js');
  const [natsServer, redisServer, softhsmUtil, softhsmModule] = programs.map(put);
  const found = { natsServer, redisServer, softhsmUtil, softhsmModule, libraryPath: '' };
  expect(neededServers(places())).toEqual(found);
});

test('those that the set-up wrote down come first, unless they are gone', () => {
  put('services/verification/dist/main.js');
  programs.forEach(put);
  const [natsServer, redisServer, softhsmUtil, softhsmModule] = programs.map((name) => put(`unpacked/${name}`));
  const setUp = { natsServer, redisServer, softhsmUtil, softhsmModule, libraryPath: '/lib' };
  writeFileSync(places().serversFile, JSON.stringify(setUp));
  expect(neededServers(places())).toEqual(setUp);
  rmSync(natsServer as string);
  expect(neededServers(places())).toMatchObject({ natsServer: join(root, 'bin/nats-server'), libraryPath: '' });
});
