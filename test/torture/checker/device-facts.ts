/** What a device's record says of its codes. */
export interface Profile {
  type: 'hotp' | 'totp';
  stepSeconds?: number;
  t0Seconds?: number;
}

export type Status = 'pending' | 'active' | 'disabled' | 'revoked';

const HOTP_AHEAD = 10;
const TOTP_STEPS = 1;

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
    const { type, stepSeconds = 30, t0Seconds = 0 } = this.profile;
    if (counter <= spent) return false;
    if (type === 'hotp') return counter <= spent + HOTP_AHEAD;
    return Math.abs(counter - Math.floor((at / 1000 - t0Seconds) / stepSeconds)) <= TOTP_STEPS;
  }
}
