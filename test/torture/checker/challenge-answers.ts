import type { Verdict } from '@countersign/contracts';
import type { Answered, Asked, ChallengeQuestion, Issued } from '../history/entry.js';
import type { ChallengeFacts } from './challenge-facts.js';
import type { Claims } from './claims.js';
import { hash, type Kind, type Row } from './columns.js';
import type { LedgerFacts } from './ledger-facts.js';
import type { Violations } from './violations.js';

const CLOCKS_MS = 20; // NATS and the torturer read the same machine's clock
const SKEW_MS = 5_000; // so far a service's clock may be off
const REPEAT_MS = 60_000;

/** A question that showed a challenge's code. */
export type AskedChallenge = Asked & { question: ChallengeQuestion };

/** One verdict, and the question that got it. */
interface Given {
  asked: AskedChallenge;
  answered: Answered;
  verdict: Verdict;
  challenge: ChallengeFacts | undefined;
  row: Row | undefined;
}

/** Holds every answered verdict about a challenge against the ledger, and against the code that its recipient read. */
export class ChallengeAnswers {
  private readonly issued = new Map<string, Issued>();
  /** when a cancellation was answered */
  private readonly cancelled = new Map<ChallengeFacts, number>();
  /** those whose answered acceptance the ledger does not have */
  private readonly phantoms = new Set<ChallengeFacts>();

  constructor(
    private readonly facts: LedgerFacts,
    private readonly violations: Violations,
    private readonly claims: Claims,
  ) {}

  born(issued: Issued): void {
    this.issued.set(nameOf(issued, issued.challenge), issued);
  }

  done({ tenant, account, question }: Asked, { at }: Answered): void {
    if (question.verb !== 'challenge.cancel') return;
    const challenge = this.facts.accountOf(tenant, account)?.challenges.get(question.challenge);
    if (challenge !== undefined && !this.cancelled.has(challenge)) this.cancelled.set(challenge, at);
  }

  verdict(asked: AskedChallenge, answered: Answered, verdict: Verdict): void {
    const account = this.facts.accountOf(asked.tenant, asked.account);
    const there = this.facts.columns.at(verdict.sequence);
    const row = there !== undefined && there.account === account?.index ? there : undefined;
    const challenge = account?.challenges.get(asked.question.challenge);
    const given = { asked, answered, verdict, challenge, row };
    if (verdict.verdict === 'accepted') return this.accepted(given);
    if (verdict.reason === 'wrong_code') return this.wrong(given);
    if (row === undefined) this.add('lost_rejections', `${verdict.reason}, by no event of the account`, given);
  }

  private accepted(given: Given): void {
    const { asked, answered, verdict, challenge, row } = given;
    const issued = this.issued.get(nameOf(asked, asked.question.challenge));
    if (asked.question.code !== issued?.code)
      this.add('wrong_accepts', 'accepted, and this is not the code of this challenge', given);
    if (issued !== undefined && asked.at >= issued.expiresAt + SKEW_MS && verdict.repeated !== true)
      this.add('wrong_accepts', 'accepted, and it was shown after its time', given);
    const told = challenge && this.cancelled.get(challenge);
    if (told !== undefined && asked.at > told)
      this.add('after_revocation_accepts', `accepted, and its cancellation was answered at ${told}`, given);
    if (challenge === undefined || !isOf(row, given, 'challenge_accepted') || row?.counter !== challenge.index) {
      this.add('lost_accepts', 'accepted, and no such event is in the ledger', given);
      return challenge && this.phantom(challenge, given);
    }
    if (this.phantoms.has(challenge)) this.add('double_accepts', 'this challenge was answered accepted before', given);
    if (!this.sameQuestion(given) || (verdict.repeated !== true && this.claims.owned(verdict)))
      this.add('double_accepts', 'this acceptance was answered to another question, too', given);
    else if (verdict.repeated === true && asked.at - row.at >= REPEAT_MS + CLOCKS_MS)
      this.add('double_accepts', `repeated ${asked.at - row.at} ms later`, given);
    else if (verdict.repeated !== true && row.storedAt + CLOCKS_MS < asked.at)
      this.add('lost_accepts', `accepted by an event of ${row.storedAt}, before it was asked`, given);
    if (answered.at + CLOCKS_MS < row.storedAt)
      this.add('lost_accepts', `accepted before it was stored at ${row.storedAt}`, given);
  }

  /** An acceptance without an event: a second one is a double one all the same. */
  private phantom(challenge: ChallengeFacts, given: Given): void {
    const { accepted } = challenge;
    if (this.phantoms.has(challenge) || (accepted !== undefined && this.facts.columns.owners[accepted] === 1))
      this.add('double_accepts', 'this challenge was answered accepted before', given);
    this.phantoms.add(challenge);
  }

  private wrong(given: Given): void {
    const { asked, verdict, row } = given;
    const own = isOf(row, given, 'challenge_wrong') || isOf(row, given, 'challenge_refused');
    if (verdict.repeated === true) {
      if (!own || !this.sameQuestion(given)) this.add('lost_rejections', 'no such wrong code is in the ledger', given);
      return;
    }
    if (!own || this.claims.owned(verdict) || !this.sameQuestion(given))
      return this.add('uncounted_guesses', 'no event of its own counts this wrong code', given);
    const issued = this.issued.get(nameOf(asked, asked.question.challenge));
    if (row?.kind === 'challenge_wrong' && asked.question.code === issued?.code)
      this.add('wrong_rejects', 'the right code was called wrong', given);
  }

  private sameQuestion({ asked: { caller, question }, verdict }: Given): boolean {
    return this.claims.sameQuestion(verdict, caller, question.requestId, question.challenge, question.code);
  }

  private add(rule: Parameters<Violations['add']>[0], says: string, { asked, answered, verdict, row }: Given): void {
    this.violations.add(rule, says, asked, answered, row && { sequence: verdict.sequence, ...row });
  }
}

const nameOf = ({ tenant, account }: { tenant: string; account: string }, challenge: string): string =>
  `${tenant} ${account} ${challenge}`;

/** Whether the event is the one that this caller's verdict was made from. */
const isOf = (row: Row | undefined, { asked, verdict }: Given, kind: Kind): boolean =>
  row?.kind === kind && row.by === hash(asked.caller) && row.at === verdict.at;
