import { monotonicMs, type Monotonic } from './deadline.js';

export interface StallLimits {
  /** timeouts in a row, with no answer between them */
  timeouts: number;
  /** ms from the first of them to the last */
  overMs: number;
  /** ms to leave a new connection alone */
  restMs: number;
}

/**
 * Three in a row over a second: one slow answer does not move the connection, and a server that is cut off from its
 * peers (it still answers pings, so nothing else finds out) is left within about two request timeouts.
 */
export const STALL_LIMITS: StallLimits = { timeouts: 3, overMs: 1000, restMs: 5000 };

/** Decides when the server we are connected to has stopped doing its work. */
export class StallWatch {
  private inARow = 0;
  private firstMs = 0;
  private movedMs = -Infinity;

  constructor(
    private readonly stalled: () => void,
    private readonly limits: StallLimits = STALL_LIMITS,
    private readonly nowMs: Monotonic = monotonicMs,
  ) {}

  /** Something came back through the server, even a failure. */
  reportSuccess(): void {
    this.inARow = 0;
  }

  /** Nothing came back in time. `sentMs` (monotonic) is when it was sent: what an older connection lost is not counted. */
  reportTimeout(sentMs?: number): void {
    const now = this.nowMs();
    if (sentMs !== undefined && sentMs < this.movedMs) return;
    if (this.inARow === 0) this.firstMs = sentMs ?? now;
    this.inARow += 1;
    if (this.inARow < this.limits.timeouts || now - this.firstMs < this.limits.overMs) return;
    if (now - this.movedMs < this.limits.restMs) return;
    this.moved();
    this.stalled();
  }

  /** A new connection, for whatever reason. */
  moved(): void {
    this.inARow = 0;
    this.movedMs = this.nowMs();
  }
}
