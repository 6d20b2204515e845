import type { Draft, Scenario, State, Work } from './protocol.js';
import type { Question } from './questions.js';

/** What may never happen, said of the ledger as it grows and of answers as they leave. Undefined: nothing is broken. */
export class Promises {
  constructor(private readonly scenario: Scenario) {}

  /** A draft is about to be stored. */
  brokenBy({ ledger, asked }: State, draft: Draft): string | undefined {
    const of = (type: string): Draft[] => ledger.filter((each) => each.type === type);
    switch (draft.type) {
      case 'accepted':
        if (of('accepted').some((each) => this.codeOf(each) === this.codeOf(draft)))
          return 'I1: at most one acceptance of a code';
        break;
      case 'rejected':
        if (of('rejected').length >= this.scenario.guessesLeft) return 'I2: no more wrong guesses than the budget has';
    }
    if (['accepted', 'repeated'].includes(draft.type) && this.shutBy(ledger))
      return 'I4: nothing is accepted after a revocation';
    const { state, attempt } = asked[draft.question] as State['asked'][number];
    if (state === 'answered' && attempt === draft.attempt) return 'an outcome that was answered stays';
    return undefined;
  }

  /** An answer is about to leave. */
  brokenByAnswer({ ledger, asked }: State, work: Work, answer: string): string | undefined {
    const { draft, question, attempt } = work;
    const mine = ledger.filter((each) => each.question === question && each.attempt === attempt);
    const isMine = mine.length === 1 && mine[0] === draft;
    const told = asked.filter((each) => each.state === 'answered' && each.answer === answer).length;
    switch (answer) {
      case 'accepted':
        if (asked[question]?.late) return 'I4: no code that is asked about after a revocation was answered is accepted';
        if (!isMine) return 'I3: an acceptance that was answered is in the ledger';
        return undefined;
      case 'again accepted':
        if (asked[question]?.late) return 'I4: no code that is asked about after a revocation was answered is accepted';
        return ledger.some((each) => each.type === 'accepted' && each.question === question)
          ? undefined
          : 'I3: an acceptance that was answered is in the ledger';
      case 'wrong_code':
        if (!isMine || told >= this.scenario.guessesLeft) return 'I2: each wrong guess that was answered was paid for';
        return undefined;
      default:
        return mine.length === 0 || isMine ? undefined : 'an answer agrees with what the ledger has of it';
    }
  }

  /** Whether the operators' last word was an answered one that shuts. */
  isShut({ asked }: State): boolean {
    const moves = this.scenario.questions.map(({ asks }, index) => ({ asks, ...asked[index] }));
    const last = moves.findLast(({ asks, state }) => 'does' in asks && state !== 'to be asked');
    return last !== undefined && last.answer === 'done' && 'does' in last.asks && last.asks.does !== 'enabled';
  }

  private shutBy(ledger: Draft[]): boolean {
    const last = ledger.findLast(({ type }) => ['revoked', 'disabled', 'enabled'].includes(type));
    return last !== undefined && last.type !== 'enabled';
  }

  private codeOf({ question }: Draft): unknown {
    const { asks } = this.scenario.questions[question] as Question;
    return 'code' in asks ? asks.code : undefined;
  }
}
