import type { webcrypto } from 'node:crypto';
import type { Algorithm } from '@countersign/oath/portable';
import type { Hidden } from '@countersign/pairing/portable';
import type { DeviceDescription } from '../description.js';
import { DeviceError } from '../device-error.js';
import { HeldDevice, LAST_COUNTER } from './held-device.js';
import { Table } from './indexed-db.js';

/** One key at rest. The browser gives it to nobody, not even to this page: it can only make MACs. */
interface Kept {
  epoch: number;
  key: webcrypto.CryptoKey;
  nextCounter: number;
}

interface Row {
  description: Omit<DeviceDescription, 'epoch'>;
  present: Kept;
  next?: Kept;
}

const DATABASE = 'countersign-devices';
const HASHES: Record<Algorithm, string> = { SHA1: 'SHA-1', SHA256: 'SHA-256', SHA512: 'SHA-512' };

/** The devices of one web origin, in IndexedDB. */
export class BrowserDevices {
  private constructor(private readonly table: Table) {}

  static async open(database = DATABASE): Promise<BrowserDevices> {
    return new BrowserDevices(await Table.open(database));
  }

  /** The ids of the devices that are kept here. */
  list(): Promise<string[]> {
    return this.table.names();
  }

  /** Keeps a new device; the bytes of `key` are zeroed. Throws DeviceError 'exists'. */
  async keep(description: DeviceDescription, key: Hidden): Promise<HeldDevice> {
    const { epoch, ...rest } = description;
    const present = await keptOf(epoch, description.profile, key);
    await this.table.change<Row>(description.device, (row) => {
      if (row) throw new DeviceError('exists', `device ${description.device} is kept here already`);
      return { description: rest, present };
    });
    return new BrowserDevice(this.table, description, present.key);
  }

  /** Throws DeviceError 'missing'. */
  async get(device: string): Promise<HeldDevice> {
    return deviceIn(this.table, await present(this.table, device), 'present');
  }

  /** Deletes a device, with its key. */
  async forget(device: string): Promise<void> {
    await this.table.change(device, () => undefined);
  }

  close(): void {
    this.table.close();
  }
}

class BrowserDevice extends HeldDevice {
  constructor(
    private readonly table: Table,
    readonly description: DeviceDescription,
    private readonly key: webcrypto.CryptoKey,
  ) {
    super();
  }

  async mac(message: Uint8Array): Promise<Uint8Array> {
    return new Uint8Array(await globalThis.crypto.subtle.sign('HMAC', this.key, Uint8Array.from(message)));
  }

  protected async takeCounter(): Promise<number> {
    let counter = 0;
    await this.#change((row) => {
      const which = row.present.epoch === this.description.epoch ? 'present' : 'next';
      const kept = row[which];
      if (kept?.epoch !== this.description.epoch) throw new DeviceError('missing', 'this key was replaced by another');
      counter = kept.nextCounter;
      if (counter > LAST_COUNTER) throw new DeviceError('spent', 'this device has shown its last code');
      return { ...row, [which]: { ...kept, nextCounter: counter + 1 } };
    });
    return counter;
  }

  async keepNext(epoch: number, key: Hidden): Promise<void> {
    const next = await keptOf(epoch, this.description.profile, key);
    await this.#change((row) => ({ ...row, next }));
  }

  async next(): Promise<HeldDevice | undefined> {
    const row = await present(this.table, this.description.device);
    return row.next && deviceIn(this.table, row, 'next');
  }

  async settle(survivor: 'present' | 'next'): Promise<void> {
    await this.#change(({ next, ...row }) => (survivor === 'next' && next ? { ...row, present: next } : row));
  }

  #change(change: (row: Row) => Row): Promise<Row | undefined> {
    return this.table.change<Row>(this.description.device, (row) => change(thereIs(row, this.description.device)));
  }
}

async function present(table: Table, device: string): Promise<Row> {
  return thereIs(await table.change<Row>(device, (row) => row), device);
}

function thereIs(row: Row | undefined, device: string): Row {
  if (!row) throw new DeviceError('missing', `device ${device} is not kept here`);
  return row;
}

function deviceIn(table: Table, row: Row, which: 'present' | 'next'): HeldDevice {
  const { epoch, key } = row[which]!;
  return new BrowserDevice(table, { ...row.description, epoch }, key);
}

async function keptOf(epoch: number, profile: DeviceDescription['profile'], key: Hidden): Promise<Kept> {
  const algorithm = { name: 'HMAC', hash: HASHES[profile.algorithm] };
  const bytes = Uint8Array.from(key.reveal());
  const imported = await globalThis.crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign']);
  bytes.fill(0);
  key.reveal().fill(0);
  return { epoch, key: imported, nextCounter: profile.counter };
}
