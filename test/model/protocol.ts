import type { Step, System } from './explorer.js';
import { Promises } from './promises.js';
import { Rules, type Question } from './questions.js';

/**
 * How a question becomes an answer, as `libs/ledger/src/appender.ts` and `services/verification/src/attempts/decide.ts`
 * do it, with everything that can go wrong between them and the ledger. What a replica or Redis remembers is not part of
 * the state: a replica may judge from any state that was ever true (a cache flushed, failed over or telling the past, a
 * leader that was deposed). Rounds are not counted: nothing conflicts eight times here.
 */

/** One append. */
export interface Draft {
  /** its nonce */
  id: string;
  question: number;
  /** which asking of the question */
  attempt: number;
  /** how many events it follows */
  after: number;
  /** the names of the events up to and with this one, as whoever judged saw them */
  history: string;
  type: string;
  /** what is answered once it is acknowledged */
  answer: string;
}

/** A replica at work. `read`: judges anew. `sent`: waits for the acknowledgement. `lost`: none came. `fenced`: sent again. */
export interface Work {
  question: number;
  attempt: number;
  phase: 'read' | 'sent' | 'lost' | 'fenced';
  draft?: Draft;
  /** whether somebody still waits for the answer */
  awaited: boolean;
}

export interface Asked {
  attempt: number;
  state: 'to be asked' | 'asked' | 'given up' | 'answered';
  answer?: string;
  /** asked when an operator's shutting had been acknowledged, and nobody was opening again */
  late: boolean;
}

export interface State {
  ledger: Draft[];
  /** sent and not stored yet: each may land at any time, as long as the comparison lets it */
  flying: Draft[];
  works: Work[];
  asked: Asked[];
}

export interface Scenario {
  name: string;
  questions: Question[];
  /** replicas of verification; enrollment has one */
  replicas: number;
  guessesLeft: number;
}

/** What a build could do wrong. */
export const MISTAKES = [
  'appends without the comparison',
  'answers before the acknowledgement',
  'lets the cache grant',
  'believes a read that finds nothing',
  'takes the conflict of a fence for a loss',
  'uses message ids',
] as const;
export type Mistake = (typeof MISTAKES)[number];

type Steps = Step<State>[];

export class Protocol implements System<State> {
  readonly initial: State;
  private readonly rules: Rules;
  private readonly promises: Promises;

  constructor(
    private readonly scenario: Scenario,
    private readonly mistake?: Mistake,
  ) {
    this.rules = new Rules(scenario.guessesLeft);
    this.promises = new Promises(scenario);
    const asked = scenario.questions.map((): Asked => ({ attempt: 0, state: 'to be asked', late: false }));
    this.initial = { ledger: [], flying: [], works: [], asked };
  }

  key({ ledger, flying, works, asked }: State): string {
    let key = '';
    for (const { id } of ledger) key += id;
    key += '|';
    for (const { id } of flying) key += id;
    for (const { question, attempt, phase, draft, awaited } of works) {
      const isDead = draft !== undefined && !flying.includes(draft) && !ledger.includes(draft);
      key += `|${question}.${attempt}${phase}${isDead ? '' : draft?.id}${awaited ? '!' : ''}`;
    }
    for (const { attempt, state, answer, late } of asked) key += `|${attempt}${state}${answer}${late ? '!' : ''}`;
    return key;
  }

  finished({ asked }: State): boolean {
    return asked.every((each, index) => this.isOver(each, index));
  }

  steps(state: State): Steps {
    const steps: Steps = [];
    this.scenario.questions.forEach((question, index) => this.asking(state, question, index, steps));
    for (const draft of state.flying) this.landing(state, draft, steps);
    for (const work of state.works) this.working(state, work, steps);
    return steps;
  }

  private question(of: { question: number }): Question {
    return this.scenario.questions[of.question] as Question;
  }

  private nameOf(of: { question: number; attempt: number }): string {
    const { name, tries } = this.question(of);
    return tries > 1 ? `${name} (asked ${of.attempt})` : name;
  }

  private isOver({ state, attempt }: Asked, question: number): boolean {
    return state === 'answered' || (state === 'given up' && attempt === this.question({ question }).tries);
  }

  // --- those who ask

  private asking(state: State, question: Question, index: number, steps: Steps): void {
    const { asked, works } = state;
    const mine = asked[index] as Asked;
    if (mine.state === 'asked' || this.isOver(mine, index) || !this.mayBeAsked(state, question, index)) return;
    const ofService = works.filter((work) => 'does' in this.question(work).asks === 'does' in question.asks);
    if (ofService.length >= ('does' in question.asks ? 1 : this.scenario.replicas)) return;
    const attempt = mine.attempt + 1;
    const work: Work = { question: index, attempt, phase: 'read', awaited: true };
    const late = this.promises.isShut(state);
    const next = { works: inOrder([...works, work]), asked: withAt(asked, index, { attempt, state: 'asked', late }) };
    this.reading({ ...state, ...next }, work, steps);
  }

  /** Which of two equal questions comes first makes no difference. */
  private mayBeAsked({ asked }: State, { asks, tries, after }: Question, index: number): boolean {
    const before = this.scenario.questions.findIndex(({ name }) => name === after);
    if (before >= 0) return this.isOver(asked[before] as Asked, before);
    const twin = this.scenario.questions[index - 1];
    return twin?.asks !== asks || twin.tries !== tries || asked[index - 1]?.state !== 'to be asked';
  }

  // --- the ledger

  private landing(state: State, draft: Draft, steps: Steps): void {
    const expected = state.works.some((work) => work.draft === draft && work.phase !== 'lost');
    const ledger = [...state.ledger, draft];
    const flying = state.flying.filter((each) => each !== draft && this.canLand(each, ledger));
    steps.push({
      name: () =>
        `${this.nameOf(draft)}: its event '${draft.type}' lands${expected ? '' : ' late'} at ${ledger.length}`,
      next: { ...state, ledger, flying },
      fault: !expected,
      broken: this.promises.brokenBy(state, draft),
    });
  }

  private canLand({ after }: Draft, ledger: Draft[]): boolean {
    return this.mistake === 'appends without the comparison' || after === ledger.length;
  }

  /** What cannot land any more need not be kept. */
  private sending(state: State, draft: Draft): State {
    if (!this.canLand(draft, state.ledger) || state.flying.includes(draft) || state.ledger.includes(draft))
      return state;
    return { ...state, flying: [...state.flying, draft].sort((a, b) => (a.id < b.id ? -1 : 1)) };
  }

  // --- the replicas

  private working(state: State, work: Work, steps: Steps): void {
    const { phase, draft } = work;
    this.leaving(state, work, steps);
    if (phase === 'read') return this.reading(state, work, steps);
    if (draft === undefined) throw new Error('nothing was sent');
    switch (phase) {
      case 'sent':
        return this.waiting(state, work, draft, steps);
      case 'lost':
        return this.settling(state, work, draft, steps);
      case 'fenced':
        return this.fencing(state, work, draft, steps);
    }
  }

  private leaving(state: State, work: Work, steps: Steps): void {
    const name = this.nameOf(work);
    const mine = state.asked[work.question] as Asked;
    const asked = work.awaited
      ? withAt(state.asked, work.question, { ...mine, state: 'given up' as const })
      : state.asked;
    steps.push({ name: () => `${name}: its replica dies`, next: this.with({ ...state, asked }, work), fault: true });
    if (!work.awaited) return;
    const next = this.with({ ...state, asked }, work, { ...work, awaited: false });
    steps.push({ name: () => `${name}: nobody waits any longer, or the answer is lost`, next, fault: true });
  }

  private reading(state: State, work: Work, steps: Steps): void {
    const name = this.nameOf(work);
    const { length } = state.ledger;
    for (let after = length; after >= 0; after -= 1) {
      const from = after === length ? 'the ledger' : `what was true after ${after} events (a cache, a deposed leader)`;
      this.judging(state, work, after, () => `${name}: judged from ${from}`, steps);
    }
    steps.push(this.answering(state, work, 'UNAVAILABLE', () => `${name}: the ledger cannot be read`, true));
  }

  private judging(state: State, work: Work, after: number, name: () => string, steps: Steps): void {
    const { ledger, flying } = state;
    const judged = this.rules.judge(ledger[after - 1]?.history ?? '', this.question(work));
    const fault = after < ledger.length;
    const { question, attempt, awaited } = work;
    const granted = this.mistake === 'lets the cache grant' && fault && judged.answer === 'again accepted';
    if (judged.kind === 'answer' || granted) {
      steps.push(this.answering(state, work, judged.answer, name, fault));
      return;
    }
    const earlier = [...ledger, ...flying].filter((each) => each.question === question && each.attempt === attempt);
    const id = ` ${question}.${attempt}@${after}${"'".repeat(earlier.length)}`;
    const draft: Draft = { id, question, attempt, after, ...judged };
    const sent: Work = { question, attempt, phase: 'sent', draft, awaited };
    const next = this.sending(this.with(state, work, sent), draft);
    if (this.mistake === 'answers before the acknowledgement' && awaited)
      steps.push(this.answering(next, sent, judged.answer, name, fault, { ...sent, awaited: false }));
    else steps.push({ name, next, fault });
  }

  private waiting(state: State, work: Work, draft: Draft, steps: Steps): void {
    const name = this.nameOf(work);
    if (state.ledger.includes(draft))
      steps.push(this.answering(state, work, draft.answer, () => `${name}: the acknowledgement comes`));
    else if (!this.canLand(draft, state.ledger))
      steps.push({
        name: () => `${name}: refused, another event came between`,
        next: this.anew(state, work),
        fault: false,
      });
    const lost = this.with(state, work, { ...work, phase: 'lost' });
    steps.push({ name: () => `${name}: no acknowledgement in time`, next: lost, fault: true });
  }

  private settling(state: State, work: Work, draft: Draft, steps: Steps): void {
    const name = `${this.nameOf(work)}: looks what became of it`;
    const follower = state.ledger[draft.after];
    if (follower === draft) steps.push(this.answering(state, work, draft.answer, () => `${name}: stored`));
    else if (follower !== undefined)
      steps.push({ name: () => `${name}: lost`, next: this.anew(state, work), fault: false });
    const believes = this.mistake === 'believes a read that finds nothing';
    steps.push({
      name: () =>
        `${name}: ${follower ? 'a deposed leader knows of nothing' : 'nothing is there'}; ` +
        (believes ? 'takes it for lost' : 'appends the same again'),
      next: believes
        ? this.anew(state, work)
        : this.sending(this.with(state, work, { ...work, phase: 'fenced' }), draft),
      fault: follower !== undefined,
    });
  }

  /** A conflict tells nothing: it may be with the same bytes, sent before. */
  private fencing(state: State, work: Work, draft: Draft, steps: Steps): void {
    const name = this.nameOf(work);
    const lost = this.with(state, work, { ...work, phase: 'lost' });
    const isStored = state.ledger.includes(draft);
    if (isStored) steps.push(this.answering(state, work, draft.answer, () => `${name}: the fence is acknowledged`));
    if (isStored || !this.canLand(draft, state.ledger)) {
      const isLoss = this.mistake === 'takes the conflict of a fence for a loss';
      const next = isLoss ? this.anew(state, work) : lost;
      steps.push({ name: () => `${name}: the fence meets a conflict`, next, fault: false });
    }
    if (this.mistake === 'uses message ids' && !isStored) {
      const told = () => `${name}: the server says duplicate, and has stored nothing`;
      steps.push(this.answering(state, work, draft.answer, told, true));
    }
    steps.push({ name: () => `${name}: no acknowledgement of the fence`, next: lost, fault: true });
  }

  /** The replica is done, unless it `goesOn`, and whoever still waits has the answer. */
  private answering(
    state: State,
    work: Work,
    answer: string,
    name: () => string,
    fault = false,
    goesOn?: Work,
  ): Step<State> {
    const next = this.with(state, work, goesOn);
    if (!work.awaited) return { name, next, fault };
    const mine: Asked = { ...(state.asked[work.question] as Asked), state: 'answered', answer };
    const asked = withAt(state.asked, work.question, mine);
    const broken = this.promises.brokenByAnswer(state, work, answer);
    return { name: () => `${name()}; answered ${answer}`, next: { ...next, asked }, fault, broken };
  }

  /** To be judged again from the state as it is now. */
  private anew(state: State, work: Work): State {
    const { question, attempt, awaited } = work;
    return this.with(state, work, { question, attempt, phase: 'read', awaited });
  }

  private with(state: State, { question, attempt }: Work, work?: Work): State {
    const works = state.works.flatMap((each) =>
      each.question !== question || each.attempt !== attempt ? [each] : work === undefined ? [] : [work],
    );
    return { ...state, works };
  }
}

const inOrder = (works: Work[]): Work[] => works.sort((a, b) => a.question - b.question || a.attempt - b.attempt);
const withAt = <T>(all: T[], index: number, value: T): T[] => all.map((each, at) => (at === index ? value : each));
