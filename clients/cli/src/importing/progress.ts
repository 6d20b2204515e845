import type { Clock } from '@countersign/runtime';

const BAR = 30;
const EVERY_MS = 100;

/** How far something long is, in one line of a terminal that is written over. */
export class Progress {
  private readonly startedAt: number;
  private shownAt = 0;
  private done = 0;

  /** `write` is left out where nobody looks. */
  constructor(
    private readonly total: number,
    private readonly clock: Clock,
    private readonly write?: (text: string) => void,
  ) {
    this.startedAt = clock.now();
  }

  /** s since it began */
  get seconds(): number {
    return (this.clock.now() - this.startedAt) / 1000;
  }

  /** One more. */
  add(): void {
    this.reach(this.done + 1);
  }

  /** So many altogether. */
  reach(done: number): void {
    this.done = done;
    const now = this.clock.now();
    if (now - this.shownAt < EVERY_MS) return;
    this.shownAt = now;
    this.write?.(`\r${this.line()}\u001b[K`);
  }

  /** The line goes, for what is shown next. */
  end(): void {
    this.write?.('\r\u001b[K');
  }

  private line(): string {
    const { done, total, seconds } = this;
    const full = Math.round((BAR * done) / total);
    const rate = done / Math.max(seconds, 0.001);
    const left = Math.ceil((total - done) / rate);
    return `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${counted(done)} of ${counted(total)}  ${counted(Math.round(rate))}/s  ${time(left)} left`;
  }
}

/** 100,000 */
export const counted = (count: number): string => count.toLocaleString('en-US');

const time = (seconds: number): string =>
  seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
