import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  MINUTE,
  NOW,
  PHONE,
  SECOND,
  account,
  attempt,
  decide,
  phone,
  profilesOf,
  standing,
  stored,
} from '../test/accounts.js';
import {
  DEFAULT_RULES,
  challengeCancelled,
  challengeIssued,
  illegality,
  judgeChallenge,
  moved,
  unlocked,
  type AccountEvent,
  type Broken,
} from './index.js';

/** Set PROPERTY_SEED to play a failing run again; fast-check prints seed and path of a failure. */
const seed = Number(process.env.PROPERTY_SEED ?? process.hrtime.bigint() % 2_147_483_647n);

const CALLERS = ['app', 'till', 'foe'] as const;
type Name = (typeof CALLERS)[number];
const LIFE = 5 * MINUTE;

type Step =
  | { do: 'issue'; by: Name; also: Name | undefined; lifeMs: number; fromMs: number | undefined; device: boolean }
  | { do: 'verify'; by: Name; which: number; right: boolean; broken: Broken | undefined; home: boolean }
  | { do: 'cancel'; by: Name; which: number }
  | { do: 'guess' }
  | { do: 'move'; move: 'disabled' | 'enabled' }
  | { do: 'unlock' }
  | { do: 'wait'; ms: number };

/** All that ever happened to a challenge: nothing of it is forgotten, as the account forgets. */
interface Told {
  id: string;
  may: Name[];
  from: number;
  until: number;
  device: boolean;
  wrong: number;
  over: boolean;
}

/** The rules said once more, over the whole history; beside them the account, event by event. */
class Both {
  private at = standing(account([phone()], { origins: [{ origin: 'home', at: NOW }] }));
  private now = NOW;
  private readonly all: Told[] = [];
  private active = true;
  private readonly budgets = { known: { wrong: 0, last: 0 }, unknown: { wrong: 0, last: 0 } };

  constructor(private readonly seen: Set<string>) {}

  take(step: Step): void {
    const change = { by: 'ops', at: this.now };
    switch (step.do) {
      case 'issue':
        return this.issue(step);
      case 'verify':
        return this.verify(step);
      case 'cancel':
        return this.cancel(step);
      case 'guess':
        return this.guess();
      case 'move':
        this.active = step.move === 'enabled';
        return this.append(moved(this.at, step.move, PHONE, change));
      case 'unlock':
        for (const budget of Object.values(this.budgets)) budget.wrong = 0;
        return this.append(unlocked(this.at, change));
      case 'wait':
        this.now += step.ms;
    }
  }

  private issue({ by, also, lifeMs, fromMs, device }: Extract<Step, { do: 'issue' }>): void {
    const { now } = this;
    const id = `challenge${String(this.all.length).padStart(7, '0')}`;
    const from = fromMs === undefined ? 0 : now + fromMs;
    const open = this.all.filter((each) => !this.gone(each)).length;
    const until = Math.min(now + lifeMs, now + LIFE);
    const bound = { ...(fromMs !== undefined && { from }), ...(device && { device: PHONE }) };
    const wanted = {
      ...{ id, nonce: 'n'.repeat(22), form: { kind: 'digits', length: 6 } as const, to: 'caller' as const },
      ...{ notAfter: now + lifeMs, bound, ...(also && { verifiers: [also] }) },
    };
    const made = this.failing(() => challengeIssued(this.at, wanted, { by, at: now }));
    const expected = from >= until ? 'INVALID_ARGUMENT' : open >= 8 ? 'LIMIT' : 'issued';
    this.same(made, expected);
    if (expected !== 'issued') return;
    this.all.push({ id, may: [by, ...(also ? [also] : [])], from, until, device, wrong: 0, over: false });
  }

  private verify({ by, which, right, broken, home }: Extract<Step, { do: 'verify' }>): void {
    const { now } = this;
    const told = this.all.at(-1 - which);
    const asked = {
      ...{ verb: 'challenge.verify' as const, by, challenge: told?.id ?? 'challenge-unknown', broken },
      ...(home && { origin: 'home' }),
    };
    const first = judgeChallenge(this.at, asked, new Map(), now);
    const said = right ? ({ kind: 'match', receipt: 'r'.repeat(43) } as const) : ({ kind: 'none' } as const);
    const decision = first.kind === 'ask' ? judgeChallenge(this.at, asked, new Map(), now, said) : first;
    if (decision.kind !== 'append' && decision.kind !== 'answer') throw new Error(decision.kind);
    const budget = this.budgets[home ? 'known' : 'unknown'];
    const expected = isClosed(budget, now) ? 'locked' : this.expected(told, by, right, broken);
    const { verdict, reason, attemptsLeft } = decision.kind === 'append' ? decision.answer(99) : decision.verdict;
    const event = decision.kind === 'append' ? decision.event : undefined;
    const why = event?.type === 'challenge_rejected' ? event.reason : (reason ?? verdict);
    this.same(why === 'expired' ? 'not_open' : why, expected);
    this.append(event);
    if (expected === 'locked' || expected === 'accepted') {
      if (expected === 'accepted' && told) told.over = true; // and it clears no budget
      return;
    }
    expect(event?.type).toBe('challenge_rejected'); // no rejection without its event
    Object.assign(budget, { wrong: budget.wrong + 1, last: now });
    expect(attemptsLeft).toBe(Math.max(0, 5 - budget.wrong));
    if (expected !== 'caller' && told) told.wrong += 1;
  }

  private expected(told: Told | undefined, by: Name, right: boolean, broken: Broken | undefined): string {
    if (told === undefined || told.over || told.wrong >= 3) return 'not_open';
    if (!told.may.includes(by)) return this.gone(told) ? this.forgotten(told) : 'caller';
    if (this.gone(told)) return 'not_open';
    if (this.now < told.from) return 'early';
    if (broken !== undefined) return broken;
    if (told.device && !this.active) return 'device';
    return right ? 'accepted' : 'wrong_code';
  }

  /** Of one that is over in time nobody hears whose it was, once the account has forgotten it. */
  private forgotten({ id }: Told): string {
    return this.at.state.challenges?.some((each) => each.id === id) ? 'caller' : 'not_open';
  }

  private cancel({ by, which }: Extract<Step, { do: 'cancel' }>): void {
    const told = this.all.at(-1 - which);
    const id = told?.id ?? 'challenge-unknown';
    const made = this.failing(() => challengeCancelled(this.at, id, { by, at: this.now }));
    const open = told !== undefined && !this.gone(told) && told.may.includes(by);
    this.same(made, open ? 'challenge_cancelled' : 'NOT_FOUND');
    if (open) told.over = true;
  }

  /** Somebody guesses at the device's codes instead: the same budget. */
  private guess(): void {
    const decision = decide(this.at, attempt(), this.now, []);
    if (decision.kind === 'append') this.append(decision.event);
    if (decision.kind !== 'append' || decision.event.type !== 'rejected') return;
    const { unknown } = this.budgets;
    Object.assign(unknown, { wrong: unknown.wrong + 1, last: this.now });
  }

  private gone({ over, wrong, until }: Told): boolean {
    return over || wrong >= 3 || this.now >= until;
  }

  private failing(make: () => AccountEvent): string {
    try {
      const event = make();
      this.append(event);
      return event.type === 'challenge_issued' ? 'issued' : event.type;
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  }

  /** What was appended can be folded again by an auditor, and bent it cannot. */
  private append(event: AccountEvent | undefined): void {
    if (event === undefined) return;
    const { at } = this;
    const judged = { profiles: profilesOf(at.state), rules: [DEFAULT_RULES] };
    const written = { ...stored(event), after: at.sequence, nonce: 'n' };
    expect(illegality(at, written, judged)).toBeUndefined();
    const bent = { ...written, state: { ...written.state, names: written.state.names + 1 } };
    expect(illegality(at, bent, judged)).toBeDefined();
    expect(written.state.challenges?.length ?? 0).toBeLessThanOrEqual(8);
    this.at = standing(written.state, at.sequence + 1);
  }

  private same(made: string, expected: string): void {
    this.seen.add(expected);
    if (made !== expected) expect(made).toBe(expected);
  }
}

const WAIT_SECONDS = [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920];
const isClosed = ({ wrong, last }: { wrong: number; last: number }, now: number): boolean =>
  now < last + (WAIT_SECONDS[wrong] ?? 3600) * SECOND;

const by = fc.constantFrom(...CALLERS, 'app', 'app');
const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const which = fc.nat({ max: 8 });
const broken = fc.constantFrom<Broken>('purpose', 'transaction', 'device', 'network', 'place');
const kind = <T extends string>(name: T) => fc.constant(name);
const step = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      ...{ do: kind('issue'), by, also: sometimes(by), device: fc.boolean() },
      lifeMs: fc.constantFrom(SECOND, MINUTE, LIFE, 2 * LIFE),
      fromMs: fc.option(fc.constantFrom(1, SECOND, 30 * SECOND), { nil: undefined, freq: 3 }),
    }),
  },
  {
    weight: 50,
    arbitrary: fc.record({
      ...{ do: kind('verify'), by, which, right: fc.boolean(), home: fc.boolean() },
      broken: fc.option(broken, { nil: undefined, freq: 6 }),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: kind('cancel'), by, which }) },
  { weight: 4, arbitrary: fc.record({ do: kind('guess') }) },
  { weight: 6, arbitrary: fc.record({ do: kind('move'), move: fc.constantFrom('disabled', 'enabled') }) },
  { weight: 6, arbitrary: fc.record({ do: kind('unlock') }) },
  {
    weight: 20,
    arbitrary: fc.record({ do: kind('wait'), ms: fc.constantFrom(1, SECOND - 1, SECOND, 30 * SECOND, MINUTE, LIFE) }),
  },
) as fc.Arbitrary<Step>;

test(`challenges are what a reference says that forgets nothing (PROPERTY_SEED=${seed})`, () => {
  const seen = new Set<string>();
  const run = (steps: Step[]): void => {
    const both = new Both(seen);
    for (const each of steps) both.take(each);
  };
  fc.assert(fc.property(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), run), { numRuns: 150, seed });
  const reasons = ['not_open', 'caller', 'early', 'wrong_code', 'purpose', 'transaction', 'device', 'network', 'place'];
  const wanted = [
    'issued',
    'LIMIT',
    'INVALID_ARGUMENT',
    'accepted',
    'locked',
    'challenge_cancelled',
    'NOT_FOUND',
    ...reasons,
  ];
  expect(wanted.filter((each) => !seen.has(each))).toEqual([]);
});
