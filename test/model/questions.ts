import { moved, type AccountEvent, type Standing } from '@countersign/account';
import {
  PHONE,
  NOW,
  STEP,
  account,
  attempt,
  decide,
  phone,
  shows,
  standing,
} from '../../libs/account/test/accounts.js';

/** What is asked in a scenario. */
export interface Question {
  /** as traces call it */
  name: string;
  /** a step of the phone; or a code that nobody shows; or what an operator does with the phone */
  asks: { code: number; requestId?: string } | { code: 'wrong'; requestId?: string } | { does: Move };
  /** how often it is asked, until it is answered */
  tries: number;
  /** asked only when this one has been answered or given up */
  after?: string;
}
export type Move = 'revoked' | 'disabled' | 'enabled';

/** What the rules say to a question at a place in history: the events so far, by the names of their questions. */
export type Judged =
  { kind: 'append'; type: AccountEvent['type']; answer: string; history: string } | { kind: 'answer'; answer: string };

/** The real `judge` and the real changes, asked once for each place in history. Time stands still. */
export class Rules {
  private readonly standings = new Map<string, Standing>();
  private readonly judged = new Map<string, Judged>();

  /** `guessesLeft`: wrong codes until the budget closes. */
  constructor(guessesLeft: number) {
    const wrong = 5 - guessesLeft;
    const unknown = wrong === 0 ? {} : { unknown: { wrong, at: NOW } };
    this.standings.set('', standing(account([phone()], unknown), 1));
  }

  judge(history: string, question: Question): Judged {
    const key = `${history}?${question.name}`;
    const known = this.judged.get(key);
    if (known !== undefined) return known;
    const at = this.standings.get(history) as Standing;
    const judged =
      'does' in question.asks
        ? this.change(at, history, question, question.asks.does)
        : this.code(at, history, question);
    this.judged.set(key, judged);
    return judged;
  }

  private change(at: Standing, history: string, question: Question, move: Move): Judged {
    const event = moved(at, move, PHONE, { by: 'desk', at: NOW });
    return event === undefined ? { kind: 'answer', answer: 'done' } : this.append(at, history, question, event, 'done');
  }

  private code(at: Standing, history: string, { asks, name }: Question): Judged {
    if ('does' in asks) throw new Error(`${name} types no code`);
    const { code, requestId } = asks;
    const asked = attempt(requestId === undefined ? {} : { request: `${requestId}:${code}` });
    const decision = decide(at, asked, NOW, code === 'wrong' ? [] : shows(PHONE, STEP + code));
    if (decision.kind !== 'append' && decision.kind !== 'answer') throw new Error(`no verdict but ${decision.kind}`);
    const { verdict, reason, repeated } = decision.kind === 'append' ? decision.answer(0) : decision.verdict;
    const answer = `${repeated ? 'again ' : ''}${reason ?? verdict}`;
    return decision.kind === 'append'
      ? this.append(at, history, { asks, name }, decision.event, answer)
      : { kind: 'answer', answer };
  }

  private append(
    at: Standing,
    history: string,
    { name }: Pick<Question, 'name' | 'asks'>,
    event: AccountEvent,
    answer: string,
  ): Judged {
    const next = `${history}>${name}`;
    this.standings.set(next, standing(event.state, at.sequence + 1));
    return { kind: 'append', type: event.type, answer, history: next };
  }
}
