import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBus, type Bus } from '@countersign/bus';
import { keptLog, startNats, stopAllNats, type TestNats } from '@countersign/bus/testing';
import { ensureStream, streams } from '../streams.js';

/** A nats-server of a test's own with the platform's streams, synced before each acknowledgement. Tests only. */
export class RealLedger {
  private readonly buses: Bus[] = [];

  private constructor(
    readonly nats: TestNats,
    /** for what a test writes: high-water files, copies of the store */
    readonly folder: string,
  ) {}

  static async start(): Promise<RealLedger> {
    const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
    const store = JSON.stringify(join(folder, 'store'));
    const nats = await startNats(`jetstream { store_dir: ${store}, sync_interval: always }`);
    const real = new RealLedger(nats, folder);
    await real.makeStreams();
    return real;
  }

  async makeStreams(): Promise<void> {
    const bus = await this.connect();
    for (const wanted of streams(1)) await ensureStream(bus.connection, wanted);
    await bus.close();
  }

  /** A connection that reconnects soon; its log is kept and not shown. */
  async connect(): Promise<Bus> {
    const bus = await connectBus({ servers: [this.nats.address], identity: 'test', log: keptLog().log });
    this.buses.push(bus);
    return bus;
  }

  /** The store directory as it is now, kept under `name`. The server has to be down. */
  keepStore(name: string): void {
    cpSync(join(this.folder, 'store'), join(this.folder, name), { recursive: true });
  }

  /** Puts an older store back. The server has to be down. */
  restoreStore(name: string): void {
    this.loseStore();
    cpSync(join(this.folder, name), join(this.folder, 'store'), { recursive: true });
  }

  /** As if the disk was empty. The server has to be down. */
  loseStore(): void {
    rmSync(join(this.folder, 'store'), { recursive: true, force: true });
  }

  async stop(): Promise<void> {
    for (const bus of this.buses) await bus.close();
    await stopAllNats();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
