import type { LedgerMessage } from '../history/entry.js';
import type { AccountFacts } from './account-facts.js';
import type { Row } from './columns.js';
import type { Violations } from './violations.js';

const TRIES = 3;
const LIFE_MS = 5 * 60_000;

/** What an event about a challenge says, beside what every event does. */
export interface ChallengeEvent {
  type?: string;
  challenge?: string;
  by?: string;
  verifiers?: string[];
  expiresAt?: number;
  reason?: string;
}

/** A challenge, as the ledger's events tell it, by rules written here again: one use, three tries, five minutes. */
export class ChallengeFacts {
  /** ledger sequence of its acceptance */
  accepted: number | undefined;
  cancelled = false;
  private wrong = 0;
  private readonly endsAt: number;

  constructor(
    readonly index: number,
    readonly account: number,
    private readonly event: ChallengeEvent,
    issuedAt: number,
  ) {
    this.endsAt = Math.min(event.expiresAt ?? 0, issuedAt + LIFE_MS);
  }

  isFor(caller = ''): boolean {
    return this.event.by === caller || (this.event.verifiers ?? []).includes(caller);
  }

  hasEnded(at: number): boolean {
    return at >= this.endsAt;
  }

  /** Why its code counts no more, beside its time. */
  get usedUp(): string | undefined {
    if (this.accepted !== undefined) return `it was accepted at ${this.accepted}`;
    if (this.cancelled) return 'it was cancelled';
    return this.wrong >= TRIES ? `it had ${this.wrong} wrong codes` : undefined;
  }

  wrongCode(): void {
    this.wrong += 1;
  }
}

/** Folds what events say of challenges; what breaks an invariant by that alone is a violation. */
export class ChallengeFold {
  readonly all: ChallengeFacts[] = [];

  constructor(private readonly violations: Violations) {}

  issued(account: AccountFacts, event: ChallengeEvent, at: number): void {
    const challenge = new ChallengeFacts(this.all.length, account.index, event, at);
    this.all.push(challenge);
    account.challenges.set(event.challenge ?? '', challenge);
  }

  accepted(challenge: ChallengeFacts | undefined, row: Row, { by }: ChallengeEvent, message: LedgerMessage): void {
    const wrong = (says: string): void => this.violations.add('wrong_accepts', says, message);
    if (challenge === undefined) return wrong('the account has no such challenge');
    const { usedUp } = challenge;
    if (challenge.accepted !== undefined) this.violations.add('double_accepts', `accepted, and ${usedUp}`, message);
    else if (challenge.cancelled)
      this.violations.add('after_revocation_accepts', 'a challenge was accepted after it was cancelled', message);
    else if (usedUp !== undefined) wrong(`accepted, and ${usedUp}`);
    if (challenge.hasEnded(row.at)) wrong('a challenge was accepted after its time');
    if (!challenge.isFor(by)) wrong(`${by} may not verify this challenge`);
    challenge.accepted ??= message.sequence;
  }

  /** Whoever may not verify it spends none of its tries. */
  rejected(challenge: ChallengeFacts | undefined, row: Row, event: ChallengeEvent, message: LedgerMessage): void {
    const { reason, by } = event;
    const mine = challenge?.isFor(by) ?? false;
    const open = challenge !== undefined && challenge.usedUp === undefined && !challenge.hasEnded(row.at);
    const unjust =
      (reason === 'not_open' && open) ||
      (reason === 'caller' && mine) ||
      (reason === 'expired' && challenge?.hasEnded(row.at) === false);
    if (unjust) this.violations.add('wrong_rejects', `rejected as ${reason}, and it is not so`, message);
    if (reason !== 'caller') challenge?.wrongCode();
  }
}
