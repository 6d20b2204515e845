import { MAX_COUNTER } from '@countersign/contracts';
import { hotp, isDigits, stepBeginsMs, timeStep } from '@countersign/oath';
import { SystemRandom } from '@countersign/runtime';
import type { Random, Secret } from '@countersign/runtime';
import { FORMAT, createDeviceFile, describe, readDeviceFile, replaceDeviceFile } from './device-file.js';
import type { DeviceDescription } from './device-file.js';
import { DeviceFileError } from './device-file-error.js';
import { DEFAULT_COST, protect, unprotect } from './protection.js';

/** A code as a display shows it. `endsAtMs`: when the next one follows, ms since 1970. */
export type ShownCode =
  { type: 'totp'; code: string; step: number; endsAtMs: number } | { type: 'hotp'; code: string; counter: number };

export interface SaveOptions {
  random?: Random;
  /** scrypt's N, a power of two; the default takes a third of a second */
  scryptCost?: number;
}

/**
 * A device in software. Its key lies in a file that only its owner may read, under a passphrase; while the device is
 * open the key is in this process's memory. `using` closes it.
 */
export class SoftwareDevice implements Disposable {
  private constructor(
    private readonly path: string,
    readonly description: DeviceDescription,
    private readonly key: Secret,
  ) {}

  /**
   * Writes a new device file (mode 0600) from an enrolment's answer and the key that its exchange gave.
   * Throws DeviceFileError 'exists', RangeError for an empty passphrase.
   */
  static save(
    path: string,
    { tenant, account, device, epoch, profile }: DeviceDescription,
    key: Secret,
    passphrase: Secret,
    { random = new SystemRandom(), scryptCost = DEFAULT_COST }: SaveOptions = {},
  ): void {
    const description = { tenant, account, device, epoch, profile: { ...profile } };
    const sealed = protect(key, passphrase, describe(description), random, scryptCost);
    createDeviceFile(path, { format: FORMAT, ...description, nextCounter: profile.counter, key: sealed });
  }

  /** Throws DeviceFileError: missing, format, passphrase. */
  static open(path: string, passphrase: Secret): SoftwareDevice {
    const { format: _format, key, nextCounter: _nextCounter, ...description } = readDeviceFile(path);
    return new SoftwareDevice(path, description, unprotect(key, passphrase, describe(description)));
  }

  /**
   * The code of the moment (TOTP; `nowMs` since 1970), or of the next counter (HOTP): the counter is on the disk before
   * the code is shown, so that a code is never shown twice. Throws RangeError before T0.
   */
  showCode(nowMs: number): ShownCode {
    const { algorithm, digits, type, stepSeconds, t0Seconds } = this.description.profile;
    if (!isDigits(digits)) throw new RangeError('digits should be 6, 7 or 8');
    const parameters = { algorithm, digits };
    if (type === 'hotp') {
      const counter = this.takeCounter();
      return { type, code: hotp(this.key, counter, parameters), counter };
    }
    const step = timeStep(nowMs, t0Seconds, stepSeconds);
    if (step < 0) throw new RangeError('there is no code before T0');
    const endsAtMs = stepBeginsMs(step + 1, t0Seconds, stepSeconds);
    return { type, code: hotp(this.key, step, parameters), step, endsAtMs };
  }

  [Symbol.dispose](): void {
    this.key[Symbol.dispose]();
  }

  private takeCounter(): number {
    const file = readDeviceFile(this.path); // another process may have shown a code since
    const counter = file.nextCounter;
    if (counter > MAX_COUNTER) throw new DeviceFileError('spent', 'this device has shown its last code');
    replaceDeviceFile(this.path, { ...file, nextCounter: counter + 1 });
    return counter;
  }
}
