import { createHmac } from 'node:crypto';
import type { Hidden } from '@countersign/pairing';
import { Secret, SystemRandom } from '@countersign/runtime';
import type { Random } from '@countersign/runtime';
import { describe } from '../description.js';
import type { DeviceDescription } from '../description.js';
import { DeviceError } from '../device-error.js';
import { HeldDevice, LAST_COUNTER } from '../held/held-device.js';
import { FORMAT, createDeviceFile, readDeviceFile, replaceDeviceFile } from './device-file.js';
import type { DeviceFile } from './device-file.js';
import { DEFAULT_COST, protect, unprotect } from './protection.js';

export interface SaveOptions {
  random?: Random;
  /** scrypt's N, a power of two; the default takes a third of a second */
  scryptCost?: number;
}

/**
 * A device in a file that only its owner may read, its key under a passphrase. While the device is open, the key and the
 * passphrase are in this process's memory. `using` closes it.
 */
export class SoftwareDevice extends HeldDevice implements Disposable {
  private constructor(
    private readonly path: string,
    readonly description: DeviceDescription,
    private readonly key: Secret,
    private readonly passphrase: Secret,
  ) {
    super();
  }

  /**
   * Writes a new device file (mode 0600) from an enrolment's answer and the key that its exchange gave.
   * Throws DeviceError 'exists', RangeError for an empty passphrase.
   */
  static save(
    path: string,
    { tenant, account, device, epoch, profile, identity }: DeviceDescription,
    key: Hidden,
    passphrase: Secret,
    { random = new SystemRandom(), scryptCost = DEFAULT_COST }: SaveOptions = {},
  ): void {
    const own = {
      tenant,
      account,
      device,
      epoch,
      profile: { ...profile },
      ...(identity !== undefined && { identity }),
    };
    const sealed = protect(key, passphrase, describe(FORMAT, own), random, scryptCost);
    createDeviceFile(path, { format: FORMAT, ...own, nextCounter: profile.counter, key: sealed });
  }

  /** Throws DeviceError: missing, format, passphrase. */
  static open(path: string, passphrase: Secret): SoftwareDevice {
    const { format: _format, key, nextCounter: _nextCounter, next: _next, ...description } = readDeviceFile(path);
    const opened = unprotect(key, passphrase, describe(FORMAT, description));
    return new SoftwareDevice(path, description, opened, new Secret(passphrase.reveal()));
  }

  async mac(message: Uint8Array): Promise<Uint8Array> {
    const hash = this.description.profile.algorithm.toLowerCase();
    return createHmac(hash, this.key.reveal()).update(message).digest();
  }

  protected async takeCounter(): Promise<number> {
    const file = readDeviceFile(this.path); // another process may have shown a code since
    const kept = this.#keptIn(file);
    const counter = kept.nextCounter;
    if (counter > LAST_COUNTER) throw new DeviceError('spent', 'this device has shown its last code');
    kept.nextCounter += 1;
    replaceDeviceFile(this.path, file);
    return counter;
  }

  async keepNext(epoch: number, key: Hidden): Promise<void> {
    const file = readDeviceFile(this.path);
    const { profile } = this.description;
    const bound = describe(FORMAT, { ...this.description, epoch });
    const sealed = protect(key, this.passphrase, bound, new SystemRandom(), file.key.scrypt.cost);
    replaceDeviceFile(this.path, { ...file, next: { epoch, nextCounter: profile.counter, key: sealed } });
  }

  async next(): Promise<SoftwareDevice | undefined> {
    const { next } = readDeviceFile(this.path);
    if (!next) return undefined;
    const description = { ...this.description, epoch: next.epoch };
    const opened = unprotect(next.key, this.passphrase, describe(FORMAT, description));
    return new SoftwareDevice(this.path, description, opened, new Secret(this.passphrase.reveal()));
  }

  async settle(survivor: 'present' | 'next'): Promise<void> {
    const { next, ...file } = readDeviceFile(this.path);
    replaceDeviceFile(this.path, survivor === 'next' && next ? { ...file, ...next } : file);
  }

  [Symbol.dispose](): void {
    this.key[Symbol.dispose]();
    this.passphrase[Symbol.dispose]();
  }

  /** Which of the file's keys this is: present, or beside it. */
  #keptIn(file: DeviceFile): { nextCounter: number } {
    const kept = [file, file.next].find((each) => each?.epoch === this.description.epoch);
    if (!kept) throw new DeviceError('missing', 'this key was replaced by another');
    return kept;
  }
}
