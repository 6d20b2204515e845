import type { AccountReference, Asker, DeviceId, Verdict } from '@countersign/contracts';
import { judge, type Attempt, type Outcome } from '@countersign/account';
import type { Waiting } from '@countersign/ledger';
import { counted } from '../verification-metrics.js';
import type { Digests } from './digests.js';
import type { Road, Standpoint } from './road.js';

/** What somebody typed, and what the caller says about it. */
export interface Submission {
  verb: Attempt['verb'];
  of: AccountReference;
  code: string;
  /** resync: the code after it */
  nextCode?: string | undefined;
  requestId?: string | undefined;
  origin?: string | undefined;
  device?: string | undefined;
  /** rekey.confirm: the next key's */
  epoch?: number | undefined;
}

/**
 * Decides one code of a device. An acceptance leaves only after its own acknowledged append, and an answer that depends on
 * the match only after an append to an open budget (I1 to I4).
 */
export class Decider {
  constructor(
    private readonly road: Road,
    private readonly digests: Digests,
  ) {}

  /** Throws INVALID_ARGUMENT, BUSY, UNAVAILABLE, OUTCOME_UNKNOWN; NOT_FOUND, CONFLICT and LIMIT for confirmations. */
  async decide(asker: Asker, submission: Submission, waiting: Waiting): Promise<Verdict> {
    const { verb, of } = submission;
    const work = { verb, of, decide: (at: Standpoint) => this.judged(asker, submission, at) };
    return counted(verb, await this.road.take<Verdict>(asker, work, waiting));
  }

  /** Before the evaluation work that nobody waits for is dropped; after it, the attempt goes on to its append. */
  private async judged(asker: Asker, submission: Submission, at: Standpoint): Promise<Outcome | { kind: 'again' }> {
    const { place, reading, rules, now } = at;
    const attempt = this.described(asker, submission, at);
    const profiles = await place.profiles(reading);
    const first = judge(reading, attempt, profiles, now, undefined, rules);
    if (first.kind !== 'ask') return first;
    at.assertWorthwhile();
    const matches = await place.match(first.candidates, submission.code, { next: submission.nextCode });
    if (!(await at.rulesHold())) return { kind: 'again' };
    const decision = judge(reading, attempt, profiles, now, matches, rules);
    if (decision.kind === 'ask') throw new Error('judge asked again');
    return decision;
  }

  private described(asker: Asker, submission: Submission, { place, reading }: Standpoint): Attempt {
    const { verb, requestId, origin, device, epoch } = submission;
    const code = [submission.code, submission.nextCode].filter(Boolean).join(' ');
    return {
      verb,
      by: asker.caller,
      ...(requestId !== undefined && { request: this.digests.request(asker, requestId, code, reading.state.recent) }),
      ...(origin !== undefined && { origin: this.digests.origin(place.id, origin) }),
      ...(device !== undefined && { device: device as DeviceId }),
      ...(epoch !== undefined && { epoch }),
    };
  }
}
