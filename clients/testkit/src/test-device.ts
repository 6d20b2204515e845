import type { Profile } from '@countersign/contracts';
import { SystemClock, type Clock } from '@countersign/runtime';
import { otp } from './otp.js';
import { stepAt } from './steady-time.js';

/** A device in the hand of a test: it knows its key, and shows any code it is asked for. */
export class TestDevice {
  /** HOTP: the next counter; TOTP: the step to show next */
  next: number;
  /** how far the device's own clock is ahead of the true one (behind: negative), ms; `codeNow` goes by it */
  clockOffsetMs = 0;

  constructor(
    /** the name it was enrolled under */
    readonly account: string,
    readonly accountId: string,
    readonly id: string,
    readonly profile: Profile,
    readonly key: Buffer,
    first: number,
    private readonly clock: Clock = new SystemClock(),
  ) {
    this.next = first;
  }

  /** The code of any counter or step. */
  codeAt(counter: number): string {
    return otp(this.key, counter, this.profile.digits, this.profile.algorithm);
  }

  /** A fresh code, one that was not shown before: the next counter's, or for TOTP the next step's, from the last one on. */
  code(): string {
    const code = this.codeAt(this.next);
    this.next += 1;
    return code;
  }

  /** TOTP: what its display shows now, by its own clock. Throws Error for HOTP, which has no time. */
  codeNow(): string {
    return this.codeAt(this.stepNow());
  }

  /** TOTP: the step of now, by its own clock. Throws Error for HOTP. */
  stepNow(): number {
    if (this.profile.type === 'hotp') throw new Error('a HOTP device has no time; set `next`');
    return stepAt(this.clock.now() + this.clockOffsetMs, this.profile);
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
