import type { Answered, Asked, Entry, LedgerMessage } from '../history/entry.js';
import { Answers, type AskedCode } from './answers.js';
import { ChallengeAnswers, type AskedChallenge } from './challenge-answers.js';
import { Claims } from './claims.js';
import { EVALUATED_CAP, Evaluations } from './evaluations.js';
import { LedgerFacts } from './ledger-facts.js';
import { Probes } from './probes.js';
import { Recovery, p99 } from './recovery.js';
import type { Result } from './result.js';
import { Violations } from './violations.js';

/**
 * Decides from what was seen and from the ledger alone whether the invariants held. Reads the ledger to its end first,
 * then the history; both are streamed, and of each event some 50 bytes are kept.
 */
export async function check(from: {
  ledger: AsyncIterable<LedgerMessage>;
  history: AsyncIterable<Entry>;
}): Promise<Result> {
  const violations = new Violations();
  const facts = new LedgerFacts(violations);
  for await (const message of from.ledger) facts.take(message);
  const seen = new Seen(facts, violations);
  for await (const entry of from.history) seen.take(entry);
  return seen.finish();
}

/** Everything that the history says, entry by entry. */
class Seen {
  private questions = 0;
  private codes = 0;
  private verdicts = 0;
  private readonly failures: Record<string, number> = {};
  private readonly open = new Map<number, Asked>();
  private readonly shown = new Map<string, number>();
  private readonly answers: Answers;
  private readonly challenges: ChallengeAnswers;
  private readonly evaluations: Evaluations;
  private readonly recovery = new Recovery();
  private readonly probes = new Probes();

  constructor(
    private readonly facts: LedgerFacts,
    private readonly violations: Violations,
  ) {
    const claims = new Claims(facts.columns);
    this.answers = new Answers(facts, violations, claims);
    this.challenges = new ChallengeAnswers(facts, violations, claims);
    this.evaluations = new Evaluations(facts, violations);
  }

  take(entry: Entry): void {
    switch (entry.kind) {
      case 'born':
        return this.answers.born(entry);
      case 'issued':
        return this.challenges.born(entry);
      case 'asked':
        return this.asked(entry);
      case 'answered':
        return this.answered(entry);
      case 'evaluated':
        return this.evaluations.take(entry);
      case 'redeemed':
        return this.evaluations.redeemed(entry);
      case 'fault-began':
        return this.recovery.began(entry);
      case 'fault-ended':
        return this.recovery.finished(entry);
    }
  }

  finish(): Result {
    const { facts, violations, recovery, evaluations, failures } = this;
    evaluations.finish();
    for (const asked of this.open.values()) violations.add('stuck', 'a question was never answered', asked);
    for (const probe of this.probes.unanswered()) violations.add('stuck', 'the account got no verdict', probe);
    return {
      codes: this.codes,
      ...violations.counts,
      answered_guesses_max: facts.most.wrong,
      answered_guesses_bound: facts.most.allowed,
      evaluated_guesses_max: evaluations.most,
      evaluated_guesses_cap: EVALUATED_CAP,
      questions: this.questions,
      verdicts: this.verdicts,
      challenges: facts.challenges.all.length,
      events: facts.messages,
      evaluations: evaluations.count,
      failures,
      unavailable: failures['UNAVAILABLE'] ?? 0,
      outcome_unknown: failures['OUTCOME_UNKNOWN'] ?? 0,
      faults: recovery.faults,
      recovery_ms_max: recovery.slowest(),
      recovery_ms_p99: p99(recovery.firstGoodMs('other')),
      recovery_ms_p99_electing: p99(recovery.firstGoodMs('electing')),
      failing_ms_p99: p99(recovery.failingMs('other')),
      failing_ms_p99_electing: p99(recovery.failingMs('electing')),
      violations: violations.total,
      found: violations.found,
    };
  }

  private asked(asked: Asked): void {
    this.questions += 1;
    this.open.set(asked.id, asked);
    const { question } = asked;
    if (question.verb !== 'verify' || question.intent !== 'fresh' || question.counter === undefined) return;
    const device = `${asked.tenant} ${asked.account} ${question.shownBy}`;
    if (question.counter <= (this.shown.get(device) ?? -1)) return;
    this.shown.set(device, question.counter);
    this.codes += 1;
  }

  private answered(answered: Answered): void {
    const asked = this.open.get(answered.id);
    if (asked === undefined) return this.violations.add('stuck', 'an answer to nothing that is asked', answered);
    this.open.delete(answered.id);
    this.recovery.answered(asked, answered);
    this.probes.answered(asked, answered);
    const { answer } = answered;
    if (answer.kind === 'failure') this.failures[answer.code] = (this.failures[answer.code] ?? 0) + 1;
    if (answer.kind === 'done') {
      this.answers.done(asked, answered);
      this.challenges.done(asked, answered);
    }
    if (answer.kind !== 'verdict') return;
    this.verdicts += 1;
    if (ofChallenge(asked)) this.challenges.verdict(asked, answered, answer.verdict);
    else if (ofDevice(asked)) this.answers.verdict(asked, answered, answer.verdict);
  }
}

const ofChallenge = (asked: Asked): asked is AskedChallenge => asked.question.verb === 'challenge.verify';
const ofDevice = (asked: Asked): asked is AskedCode => ['verify', 'device.confirm'].includes(asked.question.verb);
