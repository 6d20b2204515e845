/** What a device's record says of its codes. */
export interface Profile {
  type: 'hotp' | 'totp';
  stepSeconds?: number;
  t0Seconds?: number;
}

export type Status = 'pending' | 'active' | 'disabled' | 'revoked';

const HOTP_AHEAD = 10;
const TOTP_STEPS = 1;
const BEHIND = 3;

/** A device, as the ledger's events tell it. */
export class DeviceFacts {
  status: Status;
  /** the highest counter that was accepted, or the one before its first */
  spent: number;
  /** ledger sequences of acceptances by counter */
  readonly accepted = new Map<number, number>();

  constructor(
    readonly index: number,
    readonly account: number,
    readonly id: string,
    readonly epoch: number,
    readonly profile: Profile,
    readonly birth: { sequence: number; status: 'pending' | 'active'; floor: number; namedOnly: boolean },
  ) {
    this.status = birth.status;
    this.spent = birth.floor - 1;
  }

  get shut(): boolean {
    return this.status === 'disabled' || this.status === 'revoked';
  }

  /** Whether `counter` may be accepted at `at` (ms since 1970), when all up to `spent` are. */
  takes(counter: number, at: number, spent = this.spent): boolean {
    if (counter <= spent) return false;
    if (this.profile.type === 'hotp') return counter <= spent + HOTP_AHEAD;
    return Math.abs(counter - this.stepAt(at)) <= TOTP_STEPS;
  }

  /** Of the counters up to `spent` those that are looked at, too: whoever shows a code of theirs shows a spent one. */
  behind(at: number, spent: number): number[] {
    const step = this.stepAt(at);
    const [from, last] =
      this.profile.type === 'hotp'
        ? [spent + 1 - BEHIND, spent]
        : [step - TOTP_STEPS - BEHIND, Math.min(spent, step + TOTP_STEPS)];
    const first = Math.max(0, from);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  }

  private stepAt(at: number): number {
    const { stepSeconds = 30, t0Seconds = 0 } = this.profile;
    return Math.floor((at / 1000 - t0Seconds) / stepSeconds);
  }
}
