import type { Reply } from '../load/asker.js';

/** Counts of what was seen, for people; what is right and wrong the checker decides. */
export class Tally {
  /** codes shown for the first time */
  codes = 0;
  questions = 0;
  verdicts = 0;
  readonly reasons = new Map<string, number>();
  readonly failures = new Map<string, number>();
  readonly faults = new Map<string, number>();
  /** faults whose turn came and that could not be brought about */
  readonly notDone = new Map<string, number>();
  /** what is broken now */
  inForce: string[] = [];
  /** what people should know beside the figures */
  readonly notes: string[] = [];
  /** things that look wrong already: the checker will say */
  readonly suspicions: string[] = [];

  answered(reply: Reply): void {
    this.questions += 1;
    switch (reply.kind) {
      case 'verdict':
        this.verdicts += 1;
        return count(this.reasons, reply.verdict.reason ?? (reply.verdict.repeated ? 'repeated' : 'accepted'));
      case 'done':
        return count(this.reasons, 'done');
      case 'failure':
        return count(this.failures, reply.code);
    }
  }

  began(fault: string): void {
    count(this.faults, fault);
  }

  failed(fault: string, reason: string): void {
    count(this.notDone, fault);
    this.notes.push(`${fault} could not be done: ${reason}`);
  }

  /** Kinds that were tried and never came about: a run says nothing of them. */
  get neverDone(): string[] {
    return [...this.notDone.keys()].filter((fault) => !this.faults.has(fault));
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
