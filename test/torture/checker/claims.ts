import type { Verdict } from '@countersign/contracts';
import { hash, type Columns } from './columns.js';

/** Which answers took which event for their own: each event decides one question. */
export class Claims {
  constructor(private readonly columns: Columns) {}

  /** Whether an answer before this one was this event's own. */
  owned({ sequence }: Verdict): boolean {
    const { owners } = this.columns;
    const before = owners[sequence] === 1;
    owners[sequence] = 1;
    return before;
  }

  /** Whether this event's verdict went to this question only: caller, requestId, and what was shown. */
  sameQuestion({ sequence }: Verdict, ...question: string[]): boolean {
    const { questions } = this.columns;
    const mine = hash(...question);
    const first = questions[sequence] === 0 ? mine : questions[sequence];
    questions[sequence] = mine;
    return first === mine;
  }
}
