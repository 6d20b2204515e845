import type { ServiceName } from '@countersign/contracts';
import type { Platform, SupervisedProcess, TenantWish } from '@countersign/local';
import type { Fault } from './faults/fault.js';
import { breakBy, type FaultName } from './faults/fault-table.js';
import { PlatformAccess } from './platform-access.js';

/** A platform that this process runs: it can be broken, mended and stopped. */
export class StartedPlatform extends PlatformAccess implements AsyncDisposable {
  private readonly inForce = new Map<string, Fault>();

  constructor(protected readonly local: Platform) {
    super(local.folder);
  }

  /**
   * Breaks something, by name, until it is undone: `await using _ = await platform.fault('redis-gone')`, or `undo()`.
   * Resolves when it is broken. Throws Error when that is broken already, or has no such name.
   */
  async fault(name: FaultName): Promise<Fault> {
    if (this.inForce.has(name)) throw new Error(`${name} is in force already`);
    const mend = await breakBy(this.local, name);
    const undo = async (): Promise<void> => {
      if (!this.inForce.delete(name)) return;
      await mend();
    };
    const fault = { name, undo, [Symbol.asyncDispose]: undo };
    this.inForce.set(name, fault);
    return fault;
  }

  /** Undoes whatever is in force, the latest first: for an afterEach. */
  async mend(): Promise<void> {
    for (const fault of [...this.inForce.values()].reverse()) await fault.undo();
  }

  /** The nth replica of a service, as a supervised process: kill, stop, start, restart. */
  process(service: ServiceName, replica = 1): SupervisedProcess {
    return this.local.process(`${service}-${replica}`);
  }

  /** Adds a tenant, or callers to one, while everything runs: takes a second. */
  addTenant(wish: TenantWish): Promise<void> {
    return this.local.addTenant(wish);
  }

  /** Ends everything, faults in force or not: no process and no file is left. */
  async stop(): Promise<void> {
    this.inForce.clear();
    await this.close();
    await this.local.remove();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
