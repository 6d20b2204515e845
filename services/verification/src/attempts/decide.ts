import { Failure, type AccountReference, type Asker, type DeviceId, type Verdict } from '@countersign/contracts';
import { judge, type Attempt, type Candidate, type DeviceMatch } from '@countersign/account';
import { inTime, type Ledger, type Policies, type Waiting } from '@countersign/ledger';
import type { Clock, Log } from '@countersign/runtime';
import type { Found, PlaceFinder } from '../places/find-place.js';
import type { Place, Reading } from '../places/place.js';
import type { Digests } from './digests.js';
import type { Slots } from './slots.js';

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

const ROUNDS = 8; // fresh looks and conflicts before an attempt gives up; each conflict is somebody else's progress
const CURRENT_MS = 1000; // an answer that appends nothing comes from a state at most this old

/**
 * Decides one code. An acceptance leaves only after its own acknowledged append, and an answer that depends on the match
 * only after an append to an open budget (I1 to I4); the ledger's comparison makes it so for any number of replicas.
 */
export class Decider {
  constructor(
    private readonly finder: PlaceFinder,
    private readonly slots: Slots,
    private readonly digests: Digests,
    private readonly ledger: Ledger,
    private readonly policies: Pick<Policies, 'of'>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * Throws INVALID_ARGUMENT, BUSY, UNAVAILABLE; NOT_FOUND, CONFLICT and LIMIT for confirmations; OUTCOME_UNKNOWN when
   * nobody waits any longer. The account's slot is held until the outcome is known all the same.
   */
  async decide(asker: Asker, submission: Submission, waiting: Waiting): Promise<Verdict> {
    const work = this.whereTheNameLeads(asker, submission, waiting);
    work.catch(() => undefined); // it may end after the deadline has answered
    return inTime(work, waiting);
  }

  private async whereTheNameLeads(asker: Asker, submission: Submission, waiting: Waiting): Promise<Verdict> {
    let found = await this.finder.find(asker.tenant, submission.of);
    for (let round = 0; round < ROUNDS; round += 1) {
      const { place } = found;
      const ended = await this.slots.run(place.key, () => this.attempt(found, asker, submission, waiting));
      if (ended.kind === 'verdict') return ended.verdict;
      found =
        ended.kind === 'no-account'
          ? this.finder.withoutAccount(found, submission.verb)
          : await this.finder.find(asker.tenant, submission.of);
    }
    throw new Failure('UNAVAILABLE', 'the name of this account keeps changing', { retryAfterMs: 1000 });
  }

  private async attempt(found: Found, asker: Asker, submission: Submission, waiting: Waiting): Promise<Ended> {
    const { place } = found;
    stillWaited(waiting);
    let reading = await place.standing();
    for (let round = 0; round < ROUNDS; round += 1) {
      this.ledger.assertUsable();
      if (reading === undefined) return { kind: 'no-account' };
      if (!(await this.finder.leadsTo(found, reading))) return { kind: 'moved' };
      const rules = await this.policies.of(asker.tenant);
      const now = this.clock.now();
      const attempt = this.described(asker, submission, place, reading);
      const profiles = await place.profiles(reading);
      let decision = judge(reading, attempt, profiles, now, undefined, rules);
      if (decision.kind === 'ask') {
        const matches = await this.evaluate(place, decision.candidates, submission, waiting);
        const inForce = await this.policies.of(asker.tenant); // the key service may have taken seconds
        if (inForce.version !== rules.version) continue;
        decision = judge(reading, attempt, profiles, now, matches, rules);
      }
      switch (decision.kind) {
        case 'append': {
          const appended = await place.append(decision.event, reading.sequence);
          if (appended.kind === 'stored') return verdict(decision.answer(appended.sequence));
          reading = await place.after(appended);
          break;
        }
        case 'answer':
          if (this.isCurrent(reading)) return verdict(decision.verdict);
          reading = await place.fresh();
          break;
        case 'fail':
          if (this.isCurrent(reading)) throw new Failure(decision.code, decision.detail);
          reading = await place.fresh();
          break;
        case 'ask':
          throw new Error('judge asked again');
      }
    }
    this.log.warn('an attempt met only conflicts', { account: place.key });
    throw new Failure('UNAVAILABLE', 'others kept changing this account; nothing was decided', { retryAfterMs: 100 });
  }

  /** Before this, work that nobody waits for is dropped; after it, the attempt goes on to its append. */
  private evaluate(
    place: Place,
    candidates: Candidate[],
    { code, nextCode }: Submission,
    waiting: Waiting,
  ): Promise<DeviceMatch[]> {
    stillWaited(waiting);
    this.ledger.assertUsable();
    return place.match(candidates, code, nextCode);
  }

  /** A clock that went back says nothing about a reading's age. */
  private isCurrent({ readAt }: Reading): boolean {
    const ageMs = this.clock.now() - readAt;
    return ageMs >= 0 && ageMs <= CURRENT_MS;
  }

  private described(asker: Asker, submission: Submission, place: Place, { state }: Reading): Attempt {
    const { verb, requestId, origin, device, epoch } = submission;
    const code = [submission.code, submission.nextCode].filter(Boolean).join(' ');
    return {
      verb,
      by: asker.caller,
      ...(requestId !== undefined && { request: this.digests.request(asker, requestId, code, state) }),
      ...(origin !== undefined && { origin: this.digests.origin(place.id, origin) }),
      ...(device !== undefined && { device: device as DeviceId }),
      ...(epoch !== undefined && { epoch }),
    };
  }
}

type Ended = { kind: 'verdict'; verdict: Verdict } | { kind: 'no-account' } | { kind: 'moved' };

const verdict = (given: Verdict): Ended => ({ kind: 'verdict', verdict: given });

function stillWaited(waiting: Waiting): void {
  if (waiting.remainingMs() <= 0)
    throw new Failure('UNAVAILABLE', 'nobody waits for this any longer; nothing was decided');
}
