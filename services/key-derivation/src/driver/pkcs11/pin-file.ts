import { readFileSync, statSync } from 'node:fs';
import { Secret } from '@countersign/runtime';
import { PinRefused } from './masters.js';

/** A PIN guards every key of the platform; one that people choose does not. */
export const MIN_PIN_BYTES = 8;

/**
 * The PIN as its file holds it at each login, so that a changed one is taken up without a restart. One that a token
 * refused is not shown to that token again until the file is written anew: tokens count wrong PINs and lock themselves.
 */
export class PinFile {
  /** which writing of the file was refused, by the token's serial number */
  private readonly refused = new Map<string, string>();

  constructor(private readonly path: string) {}

  /** `attempt` shows the PIN to the token. Throws PinRefused, and Error for a file that holds no PIN now. */
  login(tokenSerial: string, attempt: (pin: Secret) => 'taken' | 'refused'): void {
    const { ino, mtimeMs } = statSync(this.path);
    const writing = `${ino} ${mtimeMs}`;
    if (this.refused.get(tokenSerial) === writing)
      throw new PinRefused('the token refused this PIN; it is asked again when the file of the PIN is written anew');
    using pin = this.read();
    if (attempt(pin) === 'taken') return;
    this.refused.set(tokenSerial, writing);
    throw new PinRefused('the token does not take the PIN');
  }

  /** Without a newline at its end. What is shorter than any PIN is a file that is being written. */
  private read(): Secret {
    const bytes = readFileSync(this.path);
    const pin = new Secret(bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes);
    bytes.fill(0);
    if (pin.length >= MIN_PIN_BYTES) return pin;
    throw new Error('the file of the PIN holds none now');
  }
}
