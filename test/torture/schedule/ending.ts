/** When to stop: the time is over, enough codes were shown, something looks wrong, or somebody pressed Ctrl-C. */
export class Ending {
  /** monotonic, ms */
  cameMs = Infinity;
  private readonly waiting = new Set<() => void>();
  private time = { beganMs: performance.now(), lastsMs: Infinity };

  /** It comes after so long, unless it comes sooner. */
  after(lastsMs: number): void {
    this.time = { beganMs: performance.now(), lastsMs };
    void this.within(lastsMs).then(() => this.now());
  }

  /** Whether so much time is left, or, of a short run, two thirds of it. */
  leaves(ms: number): boolean {
    const { beganMs, lastsMs } = this.time;
    return beganMs + lastsMs - performance.now() >= Math.min(ms, (lastsMs * 2) / 3);
  }

  get came(): boolean {
    return this.cameMs < Infinity;
  }

  now(): void {
    this.cameMs = Math.min(this.cameMs, performance.now());
    for (const go of [...this.waiting]) go();
  }

  /** Waits so long, or until the end comes. */
  async within(ms: number): Promise<void> {
    if (this.came) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        this.waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, ms);
      this.waiting.add(go);
    });
  }
}
