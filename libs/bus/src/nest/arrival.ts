import type { Monotonic } from '../deadline.js';

const TICK_MS = 50;

/**
 * When the message in hand can have arrived, at the earliest. A process that was busy or stopped reads its messages
 * late; for their deadlines the time they lay in the socket counts, as far as it can be known here: for as long as a
 * regular tick is overdue, nothing was read; and what is read in one turn of the event loop came before that turn.
 */
export class Arrival {
  private turnStartMs: number | undefined;
  /** how late the last tick was, until the end of the turn in which it came */
  private lateMs = 0;
  private tickMs = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly nowMs: Monotonic) {}

  start(): void {
    this.tickMs = this.nowMs();
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.timer.unref();
  }

  /** Whether nothing was handled before in this turn of the event loop. Ask before `earliestMs`. */
  get firstOfTurn(): boolean {
    return this.turnStartMs === undefined;
  }

  /** For the message being handled now, monotonic ms. */
  earliestMs(): number {
    if (this.turnStartMs === undefined) {
      const now = this.nowMs();
      this.turnStartMs = now - Math.max(0, this.lateMs, now - this.tickMs - TICK_MS);
      setImmediate(() => (this.turnStartMs = undefined));
    }
    return this.turnStartMs;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const now = this.nowMs();
    this.lateMs = now - this.tickMs - TICK_MS;
    this.tickMs = now;
    if (this.lateMs > 0) setImmediate(() => (this.lateMs = 0)); // the sockets have been read by then
  }
}
