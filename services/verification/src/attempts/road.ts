import { Failure, type AccountReference, type Asker, type JudgedFact, type Tenant } from '@countersign/contracts';
import type { Outcome, Rules } from '@countersign/account';
import { inTime, type Ledger, type Policies, type Waiting } from '@countersign/ledger';
import type { Clock, Log } from '@countersign/runtime';
import type { Found, PlaceFinder } from '../places/find-place.js';
import type { Place, Reading } from '../places/place.js';
import type { Slots } from './slots.js';

/** What is asked about an account, whichever question it is. */
export interface Traveller<Answer> {
  verb: JudgedFact['verb'] | 'challenge.issue' | 'challenge.send' | 'challenge.cancel';
  of: AccountReference;
  /** Decides from one reading; called again with another when others changed the account meanwhile. */
  decide(at: Standpoint): Promise<Outcome<Answer> | { kind: 'again' }>;
}

/** An account as it was read, and what it is judged by. */
export interface Standpoint {
  place: Place;
  reading: Reading;
  rules: Rules;
  /** ms since 1970 */
  now: number;
  /** Before work whose result is lost on whoever went away. Throws UNAVAILABLE. */
  assertWorthwhile(): void;
  /** Whether the rules are still those that are in force: the key service may have taken seconds. */
  rulesHold(): Promise<boolean>;
}

const ROUNDS = 8; // fresh looks and conflicts before an attempt gives up; each conflict is somebody else's progress
const CURRENT_MS = 1000; // an answer that appends nothing comes from a state at most this old

/**
 * The way of every question that may append: one at a time for each account, from a reading to an append after it, and
 * again from what came between. An answer leaves only after its own acknowledged append, or from a reading of the ledger
 * that is current; the ledger's comparison makes it so for any number of replicas.
 */
export class Road {
  constructor(
    private readonly finder: PlaceFinder,
    private readonly slots: Slots,
    private readonly ledger: Ledger,
    private readonly policies: Pick<Policies, 'of'>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * Throws what `decide` fails with, BUSY, UNAVAILABLE; OUTCOME_UNKNOWN when nobody waits any longer. The account's slot is
   * held until the outcome is known all the same.
   */
  async take<Answer>(asker: Asker, traveller: Traveller<Answer>, waiting: Waiting): Promise<Answer> {
    const work = this.whereTheNameLeads(asker.tenant, traveller, waiting);
    work.catch(() => undefined); // it may end after the deadline has answered
    return inTime(work, waiting);
  }

  private async whereTheNameLeads<Answer>(
    tenant: Tenant,
    traveller: Traveller<Answer>,
    waiting: Waiting,
  ): Promise<Answer> {
    let found = await this.finder.find(tenant, traveller.of);
    for (let round = 0; round < ROUNDS; round += 1) {
      const ended = await this.slots.run(found.place.key, () => this.attempt(tenant, found, traveller, waiting));
      if (ended.kind === 'answered') return ended.answer;
      found =
        ended.kind === 'no-account'
          ? this.finder.withoutAccount(found, traveller.verb)
          : await this.finder.find(tenant, traveller.of);
    }
    throw new Failure('UNAVAILABLE', 'the name of this account keeps changing', { retryAfterMs: 1000 });
  }

  private async attempt<Answer>(
    tenant: Tenant,
    found: Found,
    traveller: Traveller<Answer>,
    waiting: Waiting,
  ): Promise<Ended<Answer>> {
    const { place } = found;
    stillWaited(waiting);
    let reading = await place.standing();
    for (let round = 0; round < ROUNDS; round += 1) {
      this.ledger.assertUsable();
      if (reading === undefined) return { kind: 'no-account' };
      if (!(await this.finder.leadsTo(found, reading))) return { kind: 'moved' };
      const outcome = await traveller.decide(await this.standpoint(tenant, place, reading, waiting));
      switch (outcome.kind) {
        case 'again':
          break;
        case 'append': {
          const appended = await place.append(outcome.event, reading.sequence);
          if (appended.kind === 'stored') return { kind: 'answered', answer: outcome.answer(appended.sequence) };
          reading = await place.after(appended);
          break;
        }
        case 'answer':
          if (this.isCurrent(reading)) return { kind: 'answered', answer: outcome.verdict };
          reading = await place.fresh();
          break;
        case 'fail':
          if (this.isCurrent(reading)) throw new Failure(outcome.code, outcome.detail);
          reading = await place.fresh();
          break;
      }
    }
    this.log.warn('an attempt met only conflicts', { account: place.key });
    throw new Failure('UNAVAILABLE', 'others kept changing this account; nothing was decided', { retryAfterMs: 100 });
  }

  private async standpoint(tenant: Tenant, place: Place, reading: Reading, waiting: Waiting): Promise<Standpoint> {
    const rules = await this.policies.of(tenant);
    return {
      place,
      reading,
      rules,
      now: this.clock.now(),
      assertWorthwhile: () => {
        stillWaited(waiting);
        this.ledger.assertUsable();
      },
      rulesHold: async () => (await this.policies.of(tenant)).version === rules.version,
    };
  }

  /** A clock that went back says nothing about a reading's age. */
  private isCurrent({ readAt }: Reading): boolean {
    const ageMs = this.clock.now() - readAt;
    return ageMs >= 0 && ageMs <= CURRENT_MS;
  }
}

type Ended<Answer> = { kind: 'answered'; answer: Answer } | { kind: 'no-account' } | { kind: 'moved' };

function stillWaited(waiting: Waiting): void {
  if (waiting.remainingMs() <= 0)
    throw new Failure('UNAVAILABLE', 'nobody waits for this any longer; nothing was decided');
}
