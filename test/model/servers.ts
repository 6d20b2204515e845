import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats, stopAllNats, type TestNats } from '@countersign/bus/testing';
import { freePort, relayTo, type Relay } from './relay.js';

/** NATS servers of a test's own, with the platform's settings: one, or three whose routes can be cut. */
export class Servers {
  private constructor(
    readonly all: TestNats[],
    /** by the two servers that it joins */
    private readonly relays: { from: number; to: number; relay: Relay }[],
    private readonly folder: string,
  ) {}

  static async start(count: 1 | 3): Promise<Servers> {
    const folder = mkdtempSync(join(tmpdir(), 'model-nats-'));
    const ports = await Promise.all(Array.from({ length: count }, freePort));
    const relays: { from: number; to: number; relay: Relay }[] = [];
    for (const from of ports.keys())
      for (const [to, port] of ports.entries()) if (from !== to) relays.push({ from, to, relay: await relayTo(port) });
    const all = ports.map((port, index) => {
      const routes = relays.filter(({ from }) => from === index).map(({ relay }) => `"nats://127.0.0.1:${relay.port}"`);
      const store = JSON.stringify(join(folder, String(index)));
      return startNats(
        [
          `server_name: "${nameOf(index)}"`,
          `jetstream { store_dir: ${store}, sync_interval: always }`,
          // peers that hear of each other by themselves would find a way round the relays
          ...(count === 1
            ? []
            : [
                `cluster { name: model, listen: "127.0.0.1:${port}", advertise: "127.0.0.1:1", no_advertise: true, routes: [${routes.join()}] }`,
              ]),
        ].join('\n'),
      );
    });
    return new Servers(await Promise.all(all), relays, folder);
  }

  address(index: number): string {
    return this.all[index]!.address;
  }

  /** The index of a server by the name that NATS gives its leader. */
  named = (name: string | undefined): number => this.all.findIndex((_, index) => nameOf(index) === name);

  /** Nothing comes to it from its peers, nor to them from it. Its clients stay. */
  isolate(index: number): void {
    for (const { from, to, relay } of this.relays) if (from === index || to === index) relay.cut();
  }

  join(): void {
    for (const { relay } of this.relays) relay.join();
  }

  async killAll(): Promise<void> {
    await Promise.all(this.all.map((each) => each.kill()));
  }

  async startAll(): Promise<void> {
    await Promise.all(this.all.map((each) => each.start()));
  }

  async stop(): Promise<void> {
    for (const { relay } of this.relays) relay.close();
    await stopAllNats();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const nameOf = (index: number): string => `nats-${index + 1}`;
