import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectBus } from '@countersign/bus';
import { LEDGER_STREAM } from '@countersign/contracts';
import { Log, Secret, sleep } from '@countersign/runtime';
import { birthOf } from './birth.js';
import type { ChildRecord } from './children.js';
import { StateFolder } from './folder.js';
import { publicKeys } from './hsm.js';
import { AlreadyUp } from './lock.js';
import { Platform } from './platform.js';
import { readJson } from './private-files.js';
import { preparedPlatform } from './prepared.js';
import { REDIS_USER } from './redis.js';
import { programOf } from './root.js';
import { readServers } from './runtime.js';

const NO_SERVICES = { enrollment: 0, 'key-derivation': 0, verification: 0, audit: 0, delivery: 0 };
const START_MS = 60_000;

/** Servers alone: what the services do on them is tried in test/. */
describe('a platform without services', () => {
  const path = mkdtempSync(join(tmpdir(), 'countersign-platform-'));
  let platform: Platform;

  beforeAll(async () => {
    platform = await Platform.create({ folder: path });
    await platform.start({ replicas: NO_SERVICES });
  }, START_MS);
  afterAll(async () => {
    await platform.stop();
    rmSync(path, { recursive: true, force: true });
  }, START_MS);

  const ledgerMessages = async (): Promise<number> => {
    const subject = `$JS.API.STREAM.INFO.${LEDGER_STREAM}`;
    const info = await (
      await platform.operatorBus()
    ).request<{ state: { messages: number } }>(subject, {}, { timeoutMs: 2000 });
    return info.state.messages;
  };

  test('has the streams, with the settings of both tenants', async () => {
    expect(await ledgerMessages()).toBe(2);
    expect(await platform.livingServices()).toEqual([]);
  });

  test('cannot be made or started a second time meanwhile', async () => {
    await expect(Platform.create({ folder: path })).rejects.toThrow(AlreadyUp);
    await expect(platform.start()).rejects.toThrow('started already');
  });

  test('lets nobody into Redis but by password, and verification only to its own keys and commands', async () => {
    const password = readFileSync(platform.folder.secret('redis-verification.password'), 'utf8');
    const asVerification = `AUTH ${REDIS_USER} ${password}\r\n`;
    const answer = (commands: string): Promise<string> => redisAnswer(platform.redisPort, commands);
    expect(await answer('PING\r\n')).toMatch(/^-NOAUTH/);
    expect(await answer(`AUTH ${REDIS_USER} guess\r\n`)).toMatch(/^-WRONGPASS/);
    expect(await answer(`${asVerification}HSET countersign:x a 1\r\n`)).toBe('+OK\r\n:1\r\n');
    for (const forbidden of [
      'HSET other:x a 1',
      'FLUSHALL',
      'KEYS *',
      'CONFIG GET *',
      'ACL LIST',
      'MONITOR',
      'SUBSCRIBE x',
    ])
      expect(await answer(`${asVerification}${forbidden}\r\n`)).toMatch(/^\+OK\r\n-NOPERM/);
    expect(await platform.askRedis(['FLUSHALL'])).toBe('+OK');
  });

  test('takes a new tenant while others stay connected', async () => {
    const { servers, caller, nkeySeedFile } = platform.callerCredentials('acme', 'app');
    const log = new Log('test', 'error', () => undefined);
    const bus = await connectBus({ servers, identity: caller, nkeySeed: new Secret(readFileSync(nkeySeedFile)), log });
    await platform.addTenant({ name: 'gamma', callers: { app: 'verifier' } });
    expect(await ledgerMessages()).toBe(3);
    const added = platform.callerCredentials('gamma', 'app');
    const seed = new Secret(readFileSync(added.nkeySeedFile));
    const other = await connectBus({ servers, identity: 'app', nkeySeed: seed, log });
    // Nobody serves it; what matters is that the question may be asked.
    await expect(other.request('countersign.v1.app.verify', {}, { timeoutMs: 500 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(bus.connection.stats().inMsgs).toBe(0);
    expect(bus.connected).toBe(true);
    await Promise.all([bus.close(), other.close()]);
  });

  test(
    'comes back with the same data, ports and credentials',
    async () => {
      const before = { nats: platform.natsServer, redis: platform.redisPort, tenants: platform.tenants };
      await platform.stop();
      expect(existsSync(platform.folder.lock())).toBe(false);
      expect(existsSync(platform.folder.children())).toBe(false);
      platform = await Platform.create({ folder: path });
      await platform.start({ replicas: NO_SERVICES });
      expect({ nats: platform.natsServer, redis: platform.redisPort, tenants: platform.tenants }).toEqual(before);
      expect(await ledgerMessages()).toBe(3);
    },
    START_MS,
  );
});

test(
  'a copy of a prepared platform has its keys and ledger, ports of its own, and goes without a trace',
  async () => {
    const copyOf = await preparedPlatform(readServers());
    const path = mkdtempSync(join(tmpdir(), 'countersign-copy-'));
    const copy = await Platform.create({ folder: path, copyOf, afterwards: 'remove' });
    expect(copy.publicKeys).toEqual(publicKeys(new StateFolder(copyOf)));
    await copy.start({ replicas: NO_SERVICES });
    const bus = await copy.operatorBus();
    const info = await bus.request<{ state: { messages: number } }>(
      `$JS.API.STREAM.INFO.${LEDGER_STREAM}`,
      {},
      { timeoutMs: 2000 },
    );
    expect(info.state.messages).toBe(2);
    await copy.remove();
    expect(existsSync(path)).toBe(false);
    expect(existsSync(copyOf)).toBe(true);
  },
  START_MS,
);

test(
  'kill -9 of the supervisor of a temporary platform leaves no folder either, whenever it comes',
  async () => {
    for (const moment of ['making', 'up']) {
      const path = mkdtempSync(join(tmpdir(), 'countersign-killed-'));
      const source = `
      import { Platform } from ${JSON.stringify(programOf('deploy/local', 'index.js'))};
      const making = Platform.create({ folder: ${JSON.stringify(path)}, afterwards: 'remove' });
      setTimeout(() => console.log('making'), 300);
      await (await making).start({ replicas: ${JSON.stringify(NO_SERVICES)} });
      console.log('up');`;
      const supervisor = spawn(process.execPath, ['--input-type=module', '-e', source], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      for await (const line of createInterface(supervisor.stdout)) if (line === moment) break;
      const children = readJson<ChildRecord[]>(new StateFolder(path).children()) ?? [];
      expect(children).toHaveLength(moment === 'up' ? 2 : 0);
      supervisor.kill('SIGKILL');
      while (existsSync(path)) await sleep(20);
      for (const { pid, birth } of children) expect(birthOf(pid)).not.toBe(birth);
    }
  },
  START_MS,
);

test(
  'kill -9 of the supervisor leaves no process and no lock',
  async () => {
    const path = mkdtempSync(join(tmpdir(), 'countersign-killed-'));
    const folder = new StateFolder(path);
    const source = `
    import { Platform } from ${JSON.stringify(programOf('deploy/local', 'index.js'))};
    const platform = await Platform.create({ folder: ${JSON.stringify(path)} });
    await platform.start({ replicas: ${JSON.stringify(NO_SERVICES)} });
    console.log('up');`;
    const supervisor = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(supervisor.stdout, 'data');
    const children = JSON.parse(readFileSync(folder.children(), 'utf8')) as ChildRecord[];
    expect(children.map(({ name }) => name).sort()).toEqual(['nats', 'redis']);
    supervisor.kill('SIGKILL');
    while (existsSync(folder.lock())) await sleep(20);
    for (const { pid, birth } of children) expect(birthOf(pid)).not.toBe(birth);
    rmSync(path, { recursive: true, force: true });
  },
  START_MS,
);

/** Everything that Redis answers to these inline commands. */
async function redisAnswer(port: number, commands: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.write(`${commands}QUIT\r\n`);
  let text = '';
  for await (const chunk of socket) text += (chunk as Buffer).toString('utf8');
  return text.replace(/\+OK\r\n$/, '');
}
