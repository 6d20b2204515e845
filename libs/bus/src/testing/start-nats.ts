import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A nats-server of a test's own, on a free port of 127.0.0.1. */
export interface TestNats {
  address: string;
  /** SIGKILL, as if the machine died */
  kill(): Promise<void>;
  /** the same server again, on the same port */
  start(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing is answered. Resolves when it really stands still. */
  pause(): Promise<void>;
  resume(): void;
}

const running = new Set<{ kill(): Promise<void> }>();

/** `configuration` is text in the server's own format; the port is added. `variables` join the environment. */
export async function startNats(configuration = '', variables: Record<string, string> = {}): Promise<TestNats> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'bus-nats-'));
  const file = join(folder, 'nats.conf');
  writeFileSync(file, `listen: "127.0.0.1:${port}"\n${configuration}\n`);
  let child: ChildProcess | undefined;
  const nats: TestNats = {
    address: `127.0.0.1:${port}`,
    kill: async () => {
      const ending = child;
      child = undefined;
      if (!ending || ending.exitCode !== null) return;
      const ended = new Promise((resolve) => ending.once('exit', resolve));
      ending.kill('SIGKILL');
      await ended;
    },
    start: async () => {
      child = spawn(program(), ['-c', file], {
        env: { ...process.env, ...variables },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      await ready(child);
    },
    pause: async () => {
      child?.kill('SIGSTOP');
      await until('the server stands still', () => stateOf(child).startsWith('T'));
    },
    resume: () => child?.kill('SIGCONT'),
  };
  const entry = {
    kill: async () => {
      await nats.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  running.add(entry);
  await nats.start();
  return nats;
}

/** Ends every server of this test file; for `afterAll`. */
export async function stopAllNats(): Promise<void> {
  for (const nats of running) await nats.kill();
  running.clear();
}

/** Waits until `condition` holds; fails after `withinMs` saying what did not come true. */
export async function until(what: string, condition: () => boolean, withinMs = 8000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** T is stopped. The signal alone says nothing: threads stop one after the other. */
function stateOf(child: ChildProcess | undefined): string {
  const id = String(child?.pid);
  if (existsSync(`/proc/${id}/stat`)) return readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1] ?? '';
  return execFileSync('ps', ['-o', 'state=', '-p', id]).toString().trim();
}

function program(): string {
  for (let folder = process.cwd(); ; folder = join(folder, '..')) {
    const file = join(folder, '.countersign/runtime/servers.json');
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { natsServer: string }).natsServer;
    if (folder === '/') return 'nats-server';
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    let isReady = false; // later lines are not kept: a test of rights makes tens of thousands
    child.stderr?.on('data', (text: Buffer) => {
      if (isReady) return;
      said += text.toString();
      isReady = said.includes('Server is ready');
      if (isReady) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`nats-server ended:\n${said}`)));
  });
}

// Below those that a system gives to outgoing connections and to whoever asks for any port: what is free now stays free,
// also while a killed server is down. Each process begins elsewhere.
const [FIRST_PORT, PORTS_EACH] = [20_000, 100];
let next = FIRST_PORT + (process.pid % 100) * PORTS_EACH;

/** A port of 127.0.0.1 that nobody listens on now and that this test file was not given before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = next++;
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer().once('error', () => resolve(false));
      server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
