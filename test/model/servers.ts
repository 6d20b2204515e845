import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startNats, stopAllNats, type TestNats } from '@countersign/bus/testing';
import { relayTo, type Relay } from './relay.js';

/**
 * With more threads, a nats-server 2.10 is now and then born mute: it asks for its own system account before that is set,
 * drops whatever it has to say to its peers as long as it lives, and no cluster of three forms.
 */
const ONE_THREAD = { GOMAXPROCS: '1' };
/** Another one for each server: a route written twice counts once, and the server expects a peer too few. */
const nobodysPort = (index: number): number => 1 + index;

/** NATS servers of a test's own, with the platform's settings: one, or three whose routes can be cut. */
export class Servers {
  private constructor(
    readonly all: TestNats[],
    /** one for each two of them: whoever comes first in the list connects */
    private readonly relays: { from: number; to: number; relay: Relay }[],
    /** where each tells about itself */
    private readonly monitors: number[],
    private readonly folder: string,
  ) {}

  static async start(count: 1 | 3): Promise<Servers> {
    const folder = mkdtempSync(join(tmpdir(), 'model-nats-'));
    const ports = await Promise.all(Array.from({ length: count }, freePort));
    const monitors = await Promise.all(Array.from({ length: count }, freePort));
    const relays: { from: number; to: number; relay: Relay }[] = [];
    for (const from of ports.keys())
      for (const [to, port] of ports.entries()) if (from < to) relays.push({ from, to, relay: await relayTo(port) });
    const all = ports.map((port, index) => {
      // as many as there are servers, from which each concludes how many have to agree
      const routes = ports.map((own, to) => {
        const relay = relays.find((each) => each.from === index && each.to === to)?.relay.port;
        return `"nats://127.0.0.1:${to === index ? own : (relay ?? nobodysPort(to))}"`;
      });
      const store = JSON.stringify(join(folder, String(index)));
      return startNats(
        [
          `http: "127.0.0.1:${monitors[index]}"`,
          `server_name: "${nameOf(index)}"`,
          `jetstream { store_dir: ${store}, sync_interval: always }`,
          // peers that hear of each other by themselves would find a way round the relays
          ...(count === 1
            ? []
            : [
                `cluster { name: model, listen: "127.0.0.1:${port}", advertise: "127.0.0.1:${nobodysPort(index)}", no_advertise: true, pool_size: -1, routes: [${routes.join()}] }`,
              ]),
        ].join('\n'),
        count === 1 ? {} : ONE_THREAD,
      );
    });
    return new Servers(await Promise.all(all), relays, monitors, folder);
  }

  /** The index of a server by the name that NATS gives its leader. */
  named = (name: string | undefined): number => this.all.findIndex((_, index) => nameOf(index) === name);

  /** Who leads the servers themselves, whoever leads a stream; -1: nobody now. */
  async metaLeader(): Promise<number> {
    const reply = await fetch(`http://127.0.0.1:${this.monitors[0]}/jsz`);
    const { meta_cluster: { leader } = {} } = (await reply.json()) as { meta_cluster?: { leader?: string } };
    return this.named(leader);
  }

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
