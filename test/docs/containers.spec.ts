import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectCaller } from '@countersign/caller';
import { Platform, type CallerCredentials } from '@countersign/local';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../tidy/workspaces.js';

/**
 * docker-compose.yml without containers: its commands are run with this machine's servers on free ports, over a state
 * that was made in the usual way, and the services as docs/examples/services.mjs runs them.
 */
const compose = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const PATIENCE_MS = 30_000;

let folder: string;
let platform: Platform;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-compose-'));
  platform = await Platform.create({ folder });
  await platform.start({ replicas: { enrollment: 0, 'key-derivation': 0, verification: 0, audit: 0, delivery: 0 } });
  await platform.stop();
});
afterAll(async () => {
  for (const child of children.reverse()) {
    const ended = once(child, 'exit');
    if (child.exitCode === null && child.kill('SIGTERM')) await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** The arguments of a service's command, for another folder and port. */
function commandOf(service: string, port: number): string[] {
  const list = new RegExp(`^  ${service}:\\n(?:    .*\\n|\\s*\\n)*?    command:\\s*(\\[[^\\]]*\\])`, 'm').exec(
    compose,
  )?.[1];
  if (list === undefined) throw new Error(`docker-compose.yml has no command of ${service}`);
  const words = JSON.parse(list.replace(/'/g, '"').replace(/,\s*\]/, ']')) as string[];
  const here = words.map((word) => word.replace('${PWD}/.countersign', folder));
  here[here.indexOf('--port') + 1] = String(port);
  return here;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function start(command: string, args: string[], variables: Record<string, string>): void {
  const env = { PATH: process.env['PATH'] ?? '', ...variables };
  children.push(spawn(command, args, { cwd: root, env, stdio: 'ignore' }));
}

test('what is mounted is what the commands read, under the same path as outside', () => {
  for (const [, from, to] of compose.matchAll(/- '(\$\{PWD\}[^:]*):(\$\{PWD\}[^:']*)/g)) expect(to).toBe(from);
  for (const service of ['nats', 'redis']) expect(compose).toContain(`\${PWD}/.countersign/${service}:`);
});

test('a verdict comes through those servers and services started by hand', async () => {
  const { natsServer, redisServer, libraryPath } = platform.servers;
  const [natsPort, redisPort] = [await freePort(), await freePort()];
  start(natsServer, commandOf('nats', natsPort), {});
  const [program, ...args] = commandOf('redis', redisPort);
  expect(program).toBe('redis-server');
  start(redisServer, args, libraryPath ? { LD_LIBRARY_PATH: libraryPath } : {});
  const servers = { NATS_SERVERS: `127.0.0.1:${natsPort}`, REDIS_SERVER: `127.0.0.1:${redisPort}`, STATE: folder };
  start(process.execPath, ['docs/examples/services.mjs'], servers);

  const credentials: CallerCredentials = { ...platform.callerCredentials('acme', 'app') };
  const app = await untilConnected({ ...credentials, servers: [servers.NATS_SERVERS] });
  try {
    const verdict = await app.verify({ account: 'nobody', code: '123456' }, { timeoutMs: PATIENCE_MS });
    expect(verdict).toMatchObject({ verdict: 'rejected', reason: 'wrong_code' });
  } finally {
    await app.close();
  }
});

/** The server has just been started: its first refusals of a connection mean nothing. */
async function untilConnected(credentials: CallerCredentials): ReturnType<typeof connectCaller> {
  for (const endMs = performance.now() + PATIENCE_MS; ;)
    try {
      return await connectCaller(credentials);
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
}
