import type { Log } from '@countersign/runtime';
import type { Monotonic } from '../deadline.js';

const EVERY_MS = 1000;

interface Line {
  untilMs: number;
  unsaid: number;
}

/** Warnings that a stranger can cause: each at most once a second and subject, with how often it was left unsaid. */
export class Quiet {
  private readonly lines = new Map<string, Line>();

  constructor(
    private readonly log: Log,
    private readonly nowMs: Monotonic,
  ) {}

  /** `subject` is the pattern, of which there are few, not what was published. */
  warn(message: string, subject: string): void {
    const key = `${subject} ${message}`;
    const now = this.nowMs();
    const line = this.lines.get(key);
    if (line && now < line.untilMs) {
      line.unsaid += 1;
      return;
    }
    this.log.warn(message, { subject, ...(line && line.unsaid > 0 && { unsaid: line.unsaid }) });
    this.lines.set(key, { untilMs: now + EVERY_MS, unsaid: 0 });
  }
}
