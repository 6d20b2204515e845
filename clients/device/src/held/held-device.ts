import type { Hidden } from '@countersign/pairing/portable';
import type { RandomBytes } from '@countersign/runtime/portable';
import type { DeviceDescription } from '../description.js';
import { firstResponse, ownQuestion, responseTo } from './ocra.js';
import type { Question, Responding } from './ocra.js';
import { codeOfCounter, codeOfMoment } from './shown-code.js';
import type { ShownCode } from './shown-code.js';

/** The last counter is left unused, so that what comes after it is exact, too. */
export const LAST_COUNTER = Number.MAX_SAFE_INTEGER - 1024;

/** A device that lies somewhere: a file, a browser's database. It makes codes and proofs; its key is shown to nobody. */
export abstract class HeldDevice {
  abstract readonly description: DeviceDescription;

  /** HMAC under its key, by its profile's hash. */
  abstract mac(message: Uint8Array): Promise<Uint8Array>;

  /** HOTP, and OCRA by counter: the next counter; it is on the disk as taken when this resolves. Throws DeviceError 'spent' after the last. */
  protected abstract takeCounter(): Promise<number>;

  /** Keeps what a re-key brought beside the present key, in place of an earlier one; from now on both are held. */
  abstract keepNext(epoch: number, key: Hidden): Promise<void>;

  /** The device with the key that is kept beside; undefined when there is none. */
  abstract next(): Promise<HeldDevice | undefined>;

  /** Ends a re-key: 'next' takes the present key's place, or is dropped for 'present'. The other is gone for ever. */
  abstract settle(survivor: 'present' | 'next'): Promise<void>;

  /**
   * The code of the moment (TOTP; `nowMs` since 1970), or of the next counter (HOTP): the counter is taken before the code
   * is shown, so that a code is never shown twice. Of an OCRA device the response that confirms it, and nothing else. Throws
   * RangeError before T0.
   */
  async showCode(nowMs: number): Promise<ShownCode> {
    const { profile } = this.description;
    const mac = (message: Uint8Array): Promise<Uint8Array> => this.mac(message);
    if (profile.type === 'totp') return codeOfMoment(mac, profile, nowMs);
    if (profile.type === 'hotp') return codeOfCounter(mac, profile, await this.takeCounter());
    return { type: 'ocra', code: await firstResponse(this.description, this.#responding(nowMs)) };
  }

  /**
   * The response of an OCRA device (RFC 6287) to a question; a counter is taken before it is shown. Throws DeviceError
   * 'platform' when a platform that it asked gave a wrong response, RangeError for what is no question of its suite.
   */
  async respond(question: Question, nowMs: number): Promise<string> {
    return responseTo(question, this.description.profile, this.#responding(nowMs));
  }

  /** A question of its own to the platform, new for each exchange. Throws RangeError for a device without a platform suite. */
  async ask(random: RandomBytes): Promise<string> {
    return ownQuestion(this.description.profile, random);
  }

  #responding(nowMs: number): Responding {
    return { mac: (message) => this.mac(message), takeCounter: () => this.takeCounter(), nowMs };
  }
}

/** Where new devices are kept. Throws DeviceError 'exists': a key is never written over. */
export type Keeper = (description: DeviceDescription, key: Hidden) => Promise<HeldDevice>;
