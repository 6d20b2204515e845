import type { Answered, Asked, FaultBegan, FaultEnded } from '../history/entry.js';

const FAILED = ['UNAVAILABLE', 'OUTCOME_UNKNOWN', 'INTERNAL'];

/** One fault that has ended, or several that ended together. */
interface Ended {
  name: string;
  at: number;
  elects: boolean;
  firstGoodMs?: number;
  failingMs: number;
}

/**
 * How long it takes after a fault until things are as before: to the first good answer, and as long as questions asked
 * still failed. Measured from when no fault is in force any more until the next one begins.
 */
export class Recovery {
  readonly faults: Record<string, number> = {};
  private readonly inForce = new Map<number, string>();
  private readonly ended: Ended[] = [];
  private together: { name: string; elects: boolean }[] = [];
  private open: Ended | undefined;

  began({ fault, name }: FaultBegan): void {
    this.faults[name] = (this.faults[name] ?? 0) + 1;
    this.inForce.set(fault, name);
    this.open = undefined;
  }

  finished({ fault, at, elects }: FaultEnded): void {
    this.together.push({ name: this.inForce.get(fault) ?? 'unknown', elects });
    this.inForce.delete(fault);
    if (this.inForce.size > 0) return;
    const name = this.together.map((each) => each.name).join(' + ');
    this.open = { name, at, elects: this.together.some((each) => each.elects), failingMs: 0 };
    this.ended.push(this.open);
    this.together = [];
  }

  answered({ at: askedAt }: Asked, { at, answer }: Answered): void {
    const { open } = this;
    if (open === undefined || askedAt < open.at) return;
    if (answer.kind !== 'failure') open.firstGoodMs ??= at - open.at;
    else if (FAILED.includes(answer.code)) open.failingMs = Math.max(open.failingMs, askedAt - open.at);
  }

  firstGoodMs(kind: 'electing' | 'other'): number[] {
    return this.of(kind).flatMap(({ firstGoodMs }) => (firstGoodMs === undefined ? [] : [firstGoodMs]));
  }

  failingMs(kind: 'electing' | 'other'): number[] {
    return this.of(kind).map(({ failingMs }) => failingMs);
  }

  slowest(): Record<string, number> {
    const slowest: Record<string, number> = {};
    for (const { name, firstGoodMs = 0 } of this.ended) slowest[name] = Math.max(slowest[name] ?? 0, firstGoodMs);
    return slowest;
  }

  private of(kind: 'electing' | 'other'): Ended[] {
    return this.ended.filter(({ elects }) => elects === (kind === 'electing'));
  }
}

/** Nearest rank; 0 for nothing. */
export function p99(values: number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.ceil(0.99 * sorted.length) - 1] ?? 0;
}
