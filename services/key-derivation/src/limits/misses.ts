import type { Clock } from '@countersign/runtime';
import { GUESSES_REFUSED } from '../key-metrics.js';

/** Invariant I2: so many evaluated guesses a device may miss on this replica within WINDOW_MS. */
export const MAX_MISSES = 30;
export const WINDOW_MS = 60_000;

/**
 * What happens to a device that is not tracked while the table is full of misses younger than the window.
 * refuse: it is not judged, so the cap holds. forget-oldest: for names that nobody has, where there is nothing to guess
 * and a refusal would show that the name is unknown.
 */
export type WhenFull = 'refuse' | 'forget-oldest';

export type Admission =
  /** counted as a miss from now on; `forgive` takes it back when the code was right or nothing was evaluated */
  { kind: 'admitted'; forgive: () => void } | { kind: 'refused'; retryAfterMs: number };

/** Counts misses per device over a sliding minute, in bounded memory. Of this process only. */
export class Misses {
  private readonly times = new Map<string, number[]>(); // by device, in the order of the newest miss

  constructor(
    private readonly clock: Clock,
    private readonly maxDevices: number,
    private readonly whenFull: WhenFull,
  ) {}

  /** Asks for one guess at `device`. It counts before it is evaluated, so that no two at once pass the cap. */
  admit(device: string): Admission {
    const now = this.clock.now();
    const recent = (this.times.get(device) ?? []).filter((at) => at > now - WINDOW_MS);
    if (recent.length >= MAX_MISSES) return refused(recent[0]! + WINDOW_MS - now);
    if (!this.times.has(device) && !this.makeRoom(now)) return refused(WINDOW_MS);
    this.times.delete(device);
    this.times.set(device, [...recent, now]);
    return { kind: 'admitted', forgive: () => this.forgive(device, now) };
  }

  private forgive(device: string, at: number): void {
    const times = this.times.get(device);
    const index = times?.lastIndexOf(at) ?? -1;
    if (index >= 0) times!.splice(index, 1);
    if (times?.length === 0) this.times.delete(device);
  }

  /** The map is in the order of the newest miss, so what has passed is in front. */
  private makeRoom(now: number): boolean {
    for (const [device, times] of this.times) {
      if (times.length > 0 && times[times.length - 1]! > now - WINDOW_MS) break;
      this.times.delete(device);
    }
    if (this.times.size < this.maxDevices) return true;
    if (this.whenFull === 'refuse') return false;
    this.times.delete(this.times.keys().next().value!);
    return true;
  }
}

function refused(retryAfterMs: number): Admission {
  GUESSES_REFUSED.inc();
  return { kind: 'refused', retryAfterMs };
}
