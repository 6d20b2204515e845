import { counter } from '@countersign/observe';

/** `accepted`, or why it was rejected; `locked` is the budget. */
const VERDICTS = counter('verdicts_total', 'verdicts given', ['verb', 'outcome']);

export function counted<V extends { verdict: string; reason?: string }>(verb: string, given: V): V {
  VERDICTS.inc({ verb, outcome: given.reason ?? given.verdict });
  return given;
}

/** `cached`, `absent` (or too old, or closed: the ledger is read), `silent` while Redis does not answer. */
export const WINDOW_READS = counter('window_reads_total', 'accounts looked up in Redis', ['found']);
