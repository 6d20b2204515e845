import { otp } from '@countersign/testkit';
import type { Chance } from '../chance/chance.js';
import type { Connected } from './asker.js';

/** A code as a person shows it to a caller. */
export interface Shown {
  /** the device */
  shownBy: string;
  counter: number;
  code: string;
  by: Connected;
  /** of this caller; means nothing to another */
  requestId: string;
  origin?: string;
  /** the caller names the device */
  named: boolean;
}

export const STEP_SECONDS = 10; // the shortest that there is: a TOTP device has one new code in each step
const DIGITS = 6;
const REMEMBERED = 4;
const NEAR = { behind: 5, ahead: 30 }; // what a person may show while a guess is on its way

/** A device in somebody's hand: HMAC-SHA-1, six digits. What it showed last is what others try to use again. */
export class HeldDevice {
  /** spent codes, the latest last */
  readonly spent: Shown[] = [];
  /** the first counter or step that was not shown yet */
  private next = 0;

  constructor(
    readonly id: string,
    readonly type: 'hotp' | 'totp',
    readonly key: Buffer,
  ) {}

  /** The counter to show next, `skip` later than it need be; nothing when TOTP has shown that of this step. */
  fresh(nowMs: number, skip = 0): number | undefined {
    if (this.type === 'hotp') return this.next + skip;
    const step = Math.floor(nowMs / 1000 / STEP_SECONDS);
    return step >= this.next ? step : undefined;
  }

  code(counter: number): string {
    return otp(this.key, counter, DIGITS);
  }

  /** Whether a counter nearby has the same code, as one in 100,000 has: a while later it may be accepted for that one. */
  twin(counter: number): boolean {
    const code = this.code(counter);
    const from = Math.max(0, counter - NEAR.behind);
    const nearby = Array.from({ length: NEAR.behind + NEAR.ahead }, (_, each) => from + each);
    return nearby.some((each) => each !== counter && this.code(each) === code);
  }

  /** It was accepted or can be no more: what comes next is later. */
  gone(shown: Shown): void {
    this.next = Math.max(this.next, shown.counter + 1);
    this.spent.push(shown);
    if (this.spent.length > REMEMBERED) this.spent.shift();
  }

  /** Codes that it does not show anywhere near. */
  wrong(count: number, chance: Chance): string[] {
    const first = Math.max(0, this.next - NEAR.behind);
    const near = new Set(Array.from({ length: NEAR.behind + NEAR.ahead }, (_, each) => this.code(first + each)));
    const codes: string[] = [];
    while (codes.length < count) {
      const code = String(chance.whole(10 ** DIGITS)).padStart(DIGITS, '0');
      if (!near.has(code)) codes.push(code);
    }
    return codes;
  }
}
