/**
 * The budget's formula, written here again: 0 below 5 wrong codes, then 30 s doubled each time up to 1 h; 100 at most, and
 * 100 in 30 days with those that acceptances cleared. A history is shorter than 30 days.
 */
const FREE = 5;
const MOST = 100;

const delayMs = (wrong: number): number => (wrong < FREE ? 0 : Math.min(30_000 * 2 ** (wrong - FREE), 3_600_000));

/** How many wrong codes the formula lets through within `ms`, beginning with an empty budget. */
export function allowedWithin(ms: number): number {
  let wrong = FREE;
  for (let leftMs = ms - delayMs(wrong); leftMs >= 0 && wrong < MOST; leftMs -= delayMs(wrong)) wrong += 1;
  return wrong;
}

/** One budget of wrong codes, as the ledger's events tell it. Times are the events' own. */
export class Guesses {
  /** since the last acceptance */
  wrong = 0;
  private cleared = 0;
  private firstAt = 0;
  private lastAt = 0;

  closed(at: number): boolean {
    return this.cleared + this.wrong >= MOST || (this.wrong >= FREE && at < this.lastAt + delayMs(this.wrong));
  }

  count(at: number): void {
    if (this.wrong === 0) this.firstAt = at;
    this.wrong += 1;
    this.lastAt = Math.max(this.lastAt, at);
  }

  /** A code was accepted: nobody waits any more, and what was wrong counts on. */
  clear(): void {
    this.cleared += this.wrong;
    this.wrong = 0;
  }

  /** What the formula allows in the time these took. */
  get allowed(): number {
    return allowedWithin(this.lastAt - this.firstAt);
  }
}
