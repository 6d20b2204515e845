import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@countersign/runtime';
import { Redis } from 'ioredis';
import type { RedisConfig } from '../config.js';

/** A redis-server of a test's own, on a free port of 127.0.0.1. Tests only. */
export interface TestRedis {
  config: RedisConfig;
  /** a client of the test's own, to look and to break things */
  client(): Redis;
  start(): Promise<void>;
  /** SIGKILL: nothing is kept */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing is answered */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

const PASSWORD = 'only for this test';

export async function startRedis(): Promise<TestRedis> {
  const servers = readServers();
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'verification-redis-'));
  const file = join(folder, 'redis.conf');
  writeFileSync(
    file,
    [
      'bind 127.0.0.1',
      `port ${port}`,
      `dir ${JSON.stringify(folder)}`,
      'save ""',
      'user default off',
      `user verification on ${JSON.stringify(`>${PASSWORD}`)} ~* &* +@all`,
    ].join('\n'),
  );
  const host = '127.0.0.1';
  const config: RedisConfig = {
    at: { kind: 'server', host, port },
    username: 'verification',
    password: Secret.fromText(PASSWORD),
    windowMs: 60_000,
  };
  const clients: Redis[] = [];
  let child: ChildProcess | undefined;
  const redis: TestRedis = {
    config,
    client: () => {
      const made = new Redis({ host, port, username: config.username, password: PASSWORD });
      made.on('error', () => undefined);
      clients.push(made);
      return made;
    },
    start: () => {
      const environment = { ...process.env, LD_LIBRARY_PATH: servers.libraryPath };
      child = spawn(servers.redisServer, [file], { stdio: ['ignore', 'pipe', 'inherit'], env: environment });
      return ready(child);
    },
    kill: async () => {
      const ending = child;
      child = undefined;
      if (!ending || ending.exitCode !== null) return;
      const ended = new Promise((resolve) => ending.once('exit', resolve));
      ending.kill('SIGKILL');
      await ended;
    },
    pause: () => child?.kill('SIGSTOP'),
    resume: () => child?.kill('SIGCONT'),
    stop: async () => {
      for (const each of clients) each.disconnect();
      await redis.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await redis.start();
  return redis;
}

function readServers(): { redisServer: string; libraryPath: string } {
  const file = new URL('../../../../.countersign/runtime/servers.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as { redisServer: string; libraryPath: string };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout?.on('data', (text: Buffer) => {
      said += text.toString();
      if (said.includes('Ready to accept connections')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`redis-server ended:\n${said}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
