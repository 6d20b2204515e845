import type { Profile } from '@countersign/contracts';
import { otp } from './otp.js';

/** A device in the hand of a test: it knows its key, and shows any code it is asked for. */
export class Device {
  /** HOTP: the next counter; TOTP: the step to show next */
  next: number;

  constructor(
    readonly account: string,
    readonly accountId: string,
    readonly id: string,
    readonly profile: Profile,
    readonly key: Buffer,
    first: number,
  ) {
    this.next = first;
  }

  /** The code of any counter or step. */
  codeAt(counter: number): string {
    return otp(this.key, counter, this.profile.digits, this.profile.algorithm);
  }

  /** A fresh code: each call shows the next one. */
  code(): string {
    const code = this.codeAt(this.next);
    this.next += 1;
    return code;
  }

  /** A code that none of the counters from the next on for `range` shows. */
  wrongCode(range = 40): string {
    const near = new Set(
      Array.from({ length: range * 2 }, (_, index) => this.codeAt(Math.max(0, this.next - range + index))),
    );
    for (let guess = 0; ; guess += 1) {
      const code = String(guess).padStart(this.profile.digits, '0');
      if (!near.has(code)) return code;
    }
  }
}
