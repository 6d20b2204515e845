/** Time as an argument. Milliseconds since 1970-01-01 UTC, never the process's own guess inside policy. */
export interface Clock {
  now(): number;
}

/** The machine's clock, plus `offsetMs` (tests set it; operation leaves it at 0). */
export class SystemClock implements Clock {
  constructor(private readonly offsetMs = 0) {}

  now(): number {
    return Date.now() + this.offsetMs;
  }
}

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
