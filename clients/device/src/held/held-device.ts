import type { Hidden } from '@countersign/pairing/portable';
import type { DeviceDescription } from '../description.js';
import { codeOfCounter, codeOfMoment } from './shown-code.js';
import type { ShownCode } from './shown-code.js';

/** The last counter is left unused, so that what comes after it is exact, too. */
export const LAST_COUNTER = Number.MAX_SAFE_INTEGER - 1024;

/** A device that lies somewhere: a file, a browser's database. It makes codes and proofs; its key is shown to nobody. */
export abstract class HeldDevice {
  abstract readonly description: DeviceDescription;

  /** HMAC under its key, by its profile's hash. */
  abstract mac(message: Uint8Array): Promise<Uint8Array>;

  /** HOTP: the next counter; it is on the disk as taken when this resolves. Throws DeviceError 'spent' after the last. */
  protected abstract takeCounter(): Promise<number>;

  /** Keeps what a re-key brought beside the present key, in place of an earlier one; from now on both are held. */
  abstract keepNext(epoch: number, key: Hidden): Promise<void>;

  /** The device with the key that is kept beside; undefined when there is none. */
  abstract next(): Promise<HeldDevice | undefined>;

  /** Ends a re-key: 'next' takes the present key's place, or is dropped for 'present'. The other is gone for ever. */
  abstract settle(survivor: 'present' | 'next'): Promise<void>;

  /**
   * The code of the moment (TOTP; `nowMs` since 1970), or of the next counter (HOTP): the counter is taken before the code
   * is shown, so that a code is never shown twice. Throws RangeError before T0.
   */
  async showCode(nowMs: number): Promise<ShownCode> {
    const { profile } = this.description;
    const mac = (message: Uint8Array): Promise<Uint8Array> => this.mac(message);
    return profile.type === 'totp'
      ? codeOfMoment(mac, profile, nowMs)
      : codeOfCounter(mac, profile, await this.takeCounter());
  }
}

/** Where new devices are kept. Throws DeviceError 'exists': a key is never written over. */
export type Keeper = (description: DeviceDescription, key: Hidden) => Promise<HeldDevice>;
