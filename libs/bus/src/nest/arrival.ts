import type { Monotonic } from '../deadline.js';

const TICK_MS = 20;

/**
 * When the message in hand can have arrived, at the earliest. A process that was busy or stopped reads its messages
 * late; for their deadlines the time they lay in the socket counts, as far as it can be known here:
 * - messages read in one turn of the event loop came at the latest when the first of them was handled;
 * - when a tick comes late, what is read in the same turn may have waited for as long as the tick did.
 */
export class Arrival {
  private turnStartMs: number | undefined;
  private lateMs = 0;
  private tickMs: number;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly nowMs: Monotonic) {
    this.tickMs = nowMs();
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.timer.unref();
  }

  /** For the message being handled now, monotonic ms. */
  earliestMs(): number {
    if (this.turnStartMs === undefined) {
      this.turnStartMs = this.nowMs() - this.lateMs;
      setImmediate(() => (this.turnStartMs = undefined));
    }
    return this.turnStartMs;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const now = this.nowMs();
    this.lateMs = Math.max(0, now - this.tickMs - TICK_MS);
    this.tickMs = now;
    if (this.lateMs > 0) setImmediate(() => (this.lateMs = 0)); // after the poll phase of this turn
  }
}
