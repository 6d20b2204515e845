import type { Verdict } from '@countersign/contracts';
import { Unexpected, type Seen } from './step.js';

type Expected = 'accepted' | 'replayed' | 'wrong_code';

/** The verdict if it is the expected one. Throws Unexpected naming both. */
export function expectVerdict(verdict: Verdict, expected: Expected): Verdict {
  const got = verdict.verdict === 'accepted' ? 'accepted' : verdict.reason;
  if (got !== expected) throw new Unexpected(`expected ${expected}, and the verdict was ${got}`);
  return verdict;
}

/** `text`, and where the ledger says so. */
export function seenAs(word: string, text: string, { sequence }: Verdict): Seen {
  return { word, text: `${text} (ledger sequence ${sequence})` };
}
