import { execFileSync, fork, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { ROOT, freePort, libraryVariables, readServers } from '@countersign/local';
import { sleep } from '@countersign/runtime';

const PIN = '12345678';
const TRIES = 100;
const PAUSE_MS = 50;
const ENDS_WITHIN_MS = 5000;

/** The same steps as the product's, hand-written, on servers of their own: what this machine could do at best. */
export class Floor {
  private readonly children = new Map<string, ChildProcess>();
  private readonly folder = mkdtempSync(join(tmpdir(), 'countersign-floor-'));

  private constructor(readonly servers: string) {}

  /** `sync`: NATS's sync_interval, or its own default. */
  static async start(sync?: string): Promise<Floor> {
    const [natsPort, redisPort] = [await freePort(), await freePort()];
    const floor = new Floor(`127.0.0.1:${natsPort}`);
    try {
      await floor.begin(natsPort, redisPort, sync);
      return floor;
    } catch (error) {
      await floor.stop();
      throw error;
    }
  }

  /** Process ids by part. */
  get pids(): Map<string, number> {
    return new Map([...this.children].map(([name, { pid }]) => [name, pid as number]));
  }

  async stop(): Promise<void> {
    for (const child of [...this.children.values()].reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await Promise.race([ended, sleep(ENDS_WITHIN_MS)]);
      child.kill('SIGKILL');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async begin(natsPort: number, redisPort: number, sync: string | undefined): Promise<void> {
    const servers = readServers();
    const libraries = libraryVariables(servers);
    const tokens = join(this.folder, 'tokens');
    mkdirSync(tokens);
    const hsm = { ...libraries, SOFTHSM2_CONF: this.written('softhsm.conf', `directories.tokendir = ${tokens}\n`) };
    const token = ['--init-token', '--free', '--label', 'floor', '--pin', PIN, '--so-pin', PIN];
    execFileSync(servers.softhsmUtil, [...token, '--module', servers.softhsmModule], {
      env: { ...process.env, ...hsm },
      stdio: 'ignore',
    });

    const store = `store_dir: ${JSON.stringify(join(this.folder, 'store'))}`;
    const jetstream = `jetstream { ${store}${sync === undefined ? '' : `, sync_interval: ${sync}`} }`;
    const nats = this.written('nats.conf', `host: 127.0.0.1\nport: ${natsPort}\n${jetstream}\n`);
    this.server('nats', servers.natsServer, ['--config', nats], {});
    const alone = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', this.folder];
    this.server('redis', servers.redisServer, ['--port', String(redisPort), ...alone], libraries);
    await this.makeStream();
    const holder = join(ROOT, 'services/key-derivation/dist/main.js');
    await this.part('key-derivation', 'hsm.js', [this.servers, holder, servers.softhsmModule, PIN], hsm);
    await this.part('verification', 'verify.js', [this.servers, String(redisPort)], {});
  }

  private written(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  private server(name: string, command: string, args: string[], env: Record<string, string>): void {
    this.children.set(name, spawn(command, args, { env: { ...process.env, ...env }, stdio: 'ignore' }));
  }

  private part(name: string, file: string, args: string[], env: Record<string, string>): Promise<void> {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const child = fork(path, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.children.set(name, child);
    return new Promise((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('exit', (status) => reject(new Error(`${name} of the floor ended with ${status}`)));
    });
  }

  private async makeStream(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        const connection = await connect({ servers: this.servers, reconnect: false });
        const manager = await jetstreamManager(connection);
        await manager.streams.add({ name: 'FLOOR', subjects: ['floor.acme.>'] });
        await connection.close();
        return;
      } catch (error) {
        if (tries === TRIES) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }
}
