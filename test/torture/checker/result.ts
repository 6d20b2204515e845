/** What may never happen, and how often it did. Each proves that one of the invariants does not hold, or that all is stuck. */
export const RULES = {
  double_accepts: 'I1: a code was accepted twice, or its acceptance was given to another question',
  wrong_accepts: 'I1: what was accepted is not the code of that counter or challenge, or was not acceptable then',
  unproven_accepts: 'I1: an acceptance that the key service never matched before',
  judged_while_closed: 'I2: a code was judged while the budget of its origin was closed',
  uncounted_guesses: 'I2: a wrong code was answered without an event of its own that counts it',
  evaluated_guesses: 'I2: the key service looked at more wrong codes than it may',
  lost_accepts: 'I3: an answered acceptance is not in the ledger',
  lost_rejections: 'I3: another answered verdict is not in the ledger',
  after_revocation_accepts:
    'I4: a device was accepted after it was revoked or disabled, or a challenge after it was cancelled',
  forks: 'P1: an event does not follow the one before it on its subject',
  wrong_rejects: 'a right code was called wrong or spent, or an open budget closed',
  stuck: 'a question or an account got no verdict even after the faults',
} as const;

export type Rule = keyof typeof RULES;

/** One violation, with the entries that prove it. */
export interface Violation {
  rule: Rule;
  says: string;
  proof: unknown[];
}

/** What was found; every number goes into the report. */
export type Result = Record<Rule, number> & {
  violations: number;
  /** distinct fresh codes shown */
  codes: number;
  questions: number;
  verdicts: number;
  /** issued */
  challenges: number;
  events: number;
  evaluations: number;
  /** most wrong codes that a bucket counted since it was cleared, and what the delays allow in the time it took */
  answered_guesses_max: number;
  answered_guesses_bound: number;
  /** most wrong codes that one life of the key service evaluated for a device, or an account's challenges, within a minute */
  evaluated_guesses_max: number;
  evaluated_guesses_cap: number;
  /** by code */
  failures: Record<string, number>;
  unavailable: number;
  outcome_unknown: number;
  /** by kind */
  faults: Record<string, number>;
  /** the slowest first good answer, by kind of fault */
  recovery_ms_max: Record<string, number>;
  recovery_ms_p99: number;
  recovery_ms_p99_electing: number;
  /** how long after a fault questions were asked that still failed */
  failing_ms_p99: number;
  failing_ms_p99_electing: number;
  /** the first violations, in words */
  found: Violation[];
};
