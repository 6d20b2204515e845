import { RULES, type Rule, type Violation } from './result.js';

const SHOWN = 20;

/** Counts every violation and keeps the first, with what proves them. */
export class Violations {
  readonly counts = Object.fromEntries(Object.keys(RULES).map((rule) => [rule, 0])) as Record<Rule, number>;
  readonly found: Violation[] = [];

  add(rule: Rule, says: string, ...proof: unknown[]): void {
    this.counts[rule] += 1;
    if (this.found.length < SHOWN) this.found.push({ rule, says, proof });
  }

  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }
}
