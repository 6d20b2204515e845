import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY, type DeviceId, type KeyType, type Policy } from '@countersign/contracts';
import fc from 'fast-check';
import { DAY, MINUTE, NOW, SECOND, attempt, decide, standing, stored, type Typed } from '../test/accounts.js';
import { Reference, type Question } from '../test/reference.js';
import {
  enrolled,
  frozen,
  imported,
  moved,
  rekeying,
  newAccount,
  recoveryIssued,
  unlocked,
  type AccountEvent,
  type Change,
  type Rules,
} from './index.js';

/** Set PROPERTY_SEED to play a failing run again; fast-check prints seed and path of a failure. */
const seed = Number(process.env.PROPERTY_SEED ?? process.hrtime.bigint() % 2_147_483_647n);

const MOVES = ['disabled', 'enabled', 'revoked'] as const;
type Step =
  | { do: 'wait'; ms: number }
  | {
      do: 'ask';
      times: Times;
      verb: Question['verb'];
      named?: number;
      origin?: number;
      request?: number;
      typed: Aim[];
    }
  | { do: 'ask again'; back: number; verb?: Question['verb']; named?: number; origin?: number }
  | { do: 'add'; type: KeyType; namedOnly: boolean; active: boolean }
  | { do: 'move'; move: (typeof MOVES)[number]; device: number }
  | { do: 'rekey'; device: number }
  | { do: 'unlock' | 'freeze' };
type Asking = Extract<Step, { do: 'ask' }>;
/** How often, and how long is waited before each. */
type Times = readonly [number, number];
/** A counter, told from the first that this device could accept; none: a wrong code; two: both show the code. */
interface Aim {
  device: number;
  ahead: number;
}

const FOLLOWING: Policy = { ...DEFAULT_POLICY, autoResync: true, hotpLookAhead: 5, totpDriftSteps: 2 };
const STRICT: Policy = { ...DEFAULT_POLICY, freeAttempts: 3, wrongPer30Days: 10, origins: 2, originDays: 1 };
const policies = fc.constantFrom(DEFAULT_POLICY, FOLLOWING, { ...STRICT, totpStepsBefore: 0 });
const device = fc.nat({ max: 9 });
const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const verb = fc.constantFrom<Question['verb']>(
  ...(['verify', 'verify', 'verify', 'verify', 'recover', 'device.confirm', 'rekey.confirm', 'resync'] as const),
);
const aim = fc.record({
  device,
  ahead: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -6, max: 12 }) },
    { weight: 1, arbitrary: fc.integer({ min: 13, max: 40 }) },
  ),
});
const waits = [1, SECOND, 29 * SECOND, 30 * SECOND, 59_999, MINUTE, 15 * MINUTE, 60 * MINUTE, 29 * DAY, DAY];
const times = fc.oneof<{ weight: number; arbitrary: fc.Arbitrary<Times> }[]>(
  { weight: 30, arbitrary: fc.constant([1, 0]) },
  { weight: 5, arbitrary: fc.constantFrom([2, 0], [7, 0]) },
  { weight: 1, arbitrary: fc.constant([97, 60 * MINUTE]) },
);
const step = fc.oneof(
  {
    weight: 40,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      times,
      verb,
      named: sometimes(device),
      origin: sometimes(fc.nat({ max: 9 })),
      request: sometimes(fc.nat({ max: 11 })),
      typed: fc.oneof(fc.constant([]), fc.array(aim, { minLength: 1, maxLength: 2 })),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('ask again' as const),
      back: fc.nat({ max: 9 }),
      verb: sometimes(verb),
      named: sometimes(device),
      origin: sometimes(fc.nat({ max: 9 })),
    }),
  },
  { weight: 18, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(...waits) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      type: fc.constantFrom('totp', 'hotp', 'totp', 'hotp', 'recovery'),
      namedOnly: fc.boolean(),
      active: fc.boolean(),
    }),
  },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('move' as const), move: fc.constantFrom(...MOVES), device }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('rekey' as const), device }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('unlock' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('freeze' as const) }) },
) as fc.Arbitrary<Step>;

const add = (type: KeyType, active = true): Step => ({ do: 'add', type, namedOnly: false, active });
const ask = (device: number, ahead: number, verb: Question['verb'] = 'verify'): Asking => ({
  ...{ do: 'ask', times: [1, 0], verb, typed: [{ device, ahead }], request: 1 },
  ...(verb !== 'verify' && { named: device }),
});
const twins = (...aims: [number, number][]): Asking => ({
  ...{ ...ask(0, 0), request: 3 },
  typed: aims.map(([device, ahead]) => ({ device, ahead })),
});
const WRONG: Asking = { do: 'ask', times: [1, 0], verb: 'verify', typed: [] };
const AS_WIDE_AS_MAY_BE = [add('hotp'), add('hotp'), add('hotp')];
const ALSO_A_PHONE = { do: 'add', type: 'totp', namedOnly: true, active: true } as const;
const OFF_AND_ON = (['disabled', 'enabled'] as const).map((move): Step => ({ do: 'move', move, device: 0 }));
const AN_HOUR: Step = { do: 'wait', ms: 60 * MINUTE };
const nine = <T>(each: (index: number) => T): T[] => Array.from({ length: 9 }, (_, index) => each(index));
/** What chance comes to seldom. */
const RARE: Step[][] = [
  [ask(0, 25), ask(0, 0), ask(0, 25), ask(0, 26), ask(0, 0)],
  [ask(0, 25), { ...ask(0, 25), request: 2 }, ask(0, 27)],
  [ALSO_A_PHONE, ...[-1, -2, -3, -4].flatMap((ahead) => [{ ...ask(0, ahead), named: 0 }, AN_HOUR])],
  [ask(0, 20, 'resync'), ask(0, -1, 'resync'), ask(0, 0, 'resync'), ask(0, 0)],
  [add('totp', false), add('totp', false), ask(0, 0, 'device.confirm')],
  [{ do: 'move', move: 'disabled', device: 0 }, add('hotp'), { do: 'move', move: 'enabled', device: 1 }],
  [ask(0, 0), { ...ask(0, -1), request: 2 }, { do: 'ask again', back: 0 }],
  [ask(0, 0), ...[3, 4].map((request) => ({ ...ask(0, -1), request }))],
  [ask(0, 0), { do: 'ask again', back: 0 }, { do: 'freeze' }, ask(0, 0)],
  [ask(0, 0), { do: 'move', move: 'disabled', device: 0 }, { do: 'ask again', back: 0 }],
  [{ ...ask(0, 0), origin: 1 }, { ...WRONG, origin: 1 }, ask(0, 0), { ...WRONG, origin: 1 }],
  [ask(0, 0), { ...ask(0, -1), request: 5 }, ...OFF_AND_ON, { ...ask(0, -1), request: 6 }],
  [ALSO_A_PHONE, { ...ask(0, 0), named: 0, request: undefined }, { do: 'ask again', back: 0 }],
  [...nine((request) => ({ ...ask(0, 0), request })), { do: 'ask again', back: 8 }, { do: 'ask again', back: 8 }],
  [ask(0, 0), twins([0, -1], [0, 0]), ask(0, 0)],
  [ask(0, 0), ask(1, 3), twins([0, 0], [1, -1]), twins([0, -1], [1, 0]), ask(0, 0)],
  [ask(0, 0), twins([0, -4], [0, 0]), twins([0, 2], [0, 7]), ask(0, 12), twins([0, 11], [0, 13])],
  [ALSO_A_PHONE, { ...twins([0, -3], [0, 0]), named: 0 }, { ...twins([0, 0], [0, 1]), named: 0, request: 4 }],
  [...nine((origin) => ({ ...ask(0, 0), origin })), { ...WRONG, origin: 0 }, WRONG, { ...WRONG, origin: 1 }],
];

const REKEY: Step = { do: 'rekey', device: 0 };
/** What chance comes to seldom, of keys that follow others. */
const REKEYED: Step[][] = [
  [ask(0, 0), REKEY, ask(0, 0), ask(0, 0, 'rekey.confirm'), { do: 'ask again', back: 0 }, { do: 'ask again', back: 2 }],
  [ask(0, 3), REKEY, ask(0, 2, 'rekey.confirm'), ask(0, -1), ask(0, 0), REKEY, ask(0, 12, 'rekey.confirm'), ask(0, 0)],
  [ask(0, 25), REKEY, ask(0, 25, 'rekey.confirm'), ask(0, 26), ask(0, 0, 'rekey.confirm'), ask(0, 0)],
  [REKEY, ...OFF_AND_ON, ask(0, 0, 'rekey.confirm'), REKEY, REKEY, ask(0, 0, 'rekey.confirm'), ask(0, 0)],
  [REKEY, AN_HOUR, ask(0, 0, 'rekey.confirm'), add('totp'), REKEY, ask(0, 0), ask(0, 0, 'rekey.confirm'), ask(0, 1)],
  [...nine((request) => ({ ...ask(0, 0), request })), REKEY, ask(0, 0, 'rekey.confirm'), { do: 'ask again', back: 5 }],
];
const A_SHEET = add('recovery');
const code = (counter: number, request = 7): Asking => ({
  ...{ do: 'ask', times: [1, 0], verb: 'recover', typed: [{ device: 0, ahead: counter }], request },
});
/** What chance comes to seldom, of recovery sheets. */
const SHEETS: Step[][] = [
  [A_SHEET, code(3), { do: 'ask again', back: 0 }, code(3, 8), code(3, 9), code(10), code(0), ask(0, 1)],
  [A_SHEET, code(3), A_SHEET, code(3), { do: 'ask again', back: 1 }, ask(1, 4, 'device.confirm')],
  [A_SHEET, ...OFF_AND_ON, code(1), { ...ask(0, 2), verb: 'resync' }, { ...WRONG, verb: 'recover' }, code(2)],
  [A_SHEET, { ...WRONG, verb: 'recover', times: [7, 0] }, code(2), { do: 'unlock' }, code(2), WRONG],
  [A_SHEET, ask(1, 25), code(2), ask(1, 26)],
];

/** The account and the reference, side by side. */
class Both {
  private readonly reference: Reference;
  private readonly rules: Rules;
  private at = standing(newAccount(), 1);
  private now = NOW;
  private readonly asked: { question: Question; typed: Typed }[] = [];
  private devices = 0;

  constructor(
    policy: Policy,
    private readonly seen: Map<string, number>,
  ) {
    this.reference = new Reference(policy);
    this.rules = { version: 0, policy };
  }

  take(step: Step): void {
    switch (step.do) {
      case 'wait':
        this.now += step.ms;
        return;
      case 'ask':
        for (let left = step.times[0]; left > 0; left -= 1) {
          this.now += step.times[1];
          this.ask(this.question(step), this.typed(step));
        }
        return;
      case 'ask again': {
        const earlier = this.asked.at(-1 - step.back);
        if (earlier === undefined) return;
        const { verb, named, origin } = step;
        const question = { ...earlier.question, ...(verb && { verb }), ...this.optional({ named, origin }) };
        return this.ask(question, earlier.typed);
      }
      case 'add':
        return this.add(step);
      case 'move':
        return this.move(step);
      case 'rekey':
        return this.rekey(this.id(step.device));
      case 'unlock':
        this.append(unlocked(this.at, this.change()));
        return this.reference.note({ did: 'unlocked' }, this.now, this.at.sequence);
      case 'freeze':
        if (this.append(frozen(this.at, [1, 2], this.change())))
          this.reference.note({ did: 'frozen' }, this.now, this.at.sequence);
    }
  }

  private ask(question: Question, typed: Typed): void {
    this.asked.push({ question, typed });
    const expected = this.reference.verdict(question, typed, this.now);
    const decision = decide(this.at, attempt(question), this.now, typed, this.rules);
    this.count(expected.kind === 'fail' ? expected.code : nameOf(expected));
    same(decision.kind, expected.kind);
    if (decision.kind === 'fail' && expected.kind === 'fail') same(decision.code, expected.code);
    if (decision.kind === 'answer') same(decision, expected);
    if (decision.kind === 'append' && expected.kind === 'append') {
      this.count('ahead' in expected.what && expected.what.ahead ? 'ahead' : expected.what.did);
      this.append(decision.event);
      const { sequence } = this.at;
      same(decision.answer(sequence), { sequence, ...expected.verdict });
      this.reference.note(expected.what, this.now, sequence);
    }
  }

  private add({ type, namedOnly, active }: Extract<Step, { do: 'add' }>): void {
    const id = deviceAt((this.devices += 1));
    const lowest = type === 'hotp' ? 7 : 0;
    const what = { did: 'added', device: id, type, namedOnly, active: active || type === 'recovery', lowest } as const;
    const former = type === 'recovery' ? this.reference.sheet() : undefined;
    const entry = { id, type, epoch: 1, record: 1, floor: lowest, namedOnly };
    const change = this.change();
    const made = failing(() =>
      type === 'recovery'
        ? recoveryIssued(this.at, entry, change)
        : active
          ? imported(this.at, entry, 'active', change)
          : enrolled(this.at, entry, change),
    );
    const expected = this.reference.addition(what, this.now);
    this.count(`add: ${expected ?? 'done'}`);
    same(made.code, expected);
    if (!this.append(made.event)) return;
    if (former !== undefined) this.reference.note({ did: 'revoked', device: former }, this.now, this.at.sequence);
    this.reference.note(what, this.now, this.at.sequence);
  }

  private move({ move, device: index }: Extract<Step, { do: 'move' }>): void {
    const id = this.id(index);
    const made = failing(() => moved(this.at, move, id, this.change()));
    const expected = this.reference.move(move, id, this.now);
    this.count(`move: ${expected}`);
    same(made.code ?? (made.event === undefined ? 'is so' : 'changes'), expected);
    if (this.append(made.event)) this.reference.note({ did: move, device: id }, this.now, this.at.sequence);
  }

  private rekey(id: DeviceId): void {
    const next = { epoch: this.reference.epoch(id) + 1, record: 1 };
    const made = failing(() => rekeying(this.at, id, next, this.change()));
    const expected = this.reference.rekey(id, this.now);
    this.count(`re-key: ${expected ?? 'begun'}`);
    same(made.code, expected);
    if (this.append(made.event)) this.reference.note({ did: 'rekeying', device: id }, this.now, this.at.sequence);
  }

  private append(event: AccountEvent | undefined): boolean {
    if (event !== undefined) this.at = standing(stored(event).state, this.at.sequence + 1 + (this.at.sequence % 3));
    return event !== undefined;
  }

  private question(step: Asking): Question {
    const { verb, named, origin, request } = step;
    const code = JSON.stringify(this.typed(step));
    return {
      verb,
      by: 'web',
      ...(verb === 'rekey.confirm' && named !== undefined && { epoch: this.reference.epoch(this.id(named)) + 1 }),
      ...this.optional({ named, origin }),
      ...(request !== undefined && { request: `${request}${code}` }),
    };
  }

  private optional({ named, origin }: { named?: number | undefined; origin?: number | undefined }): Partial<Question> {
    return {
      ...(named !== undefined && { device: this.id(named) }),
      ...(origin !== undefined && { origin: `origin${origin}` }),
    };
  }

  /** Codes of the key that works, and where a re-key is confirmed of the next one. */
  private typed({ verb, typed }: Asking): Typed {
    const isNext = verb === 'rekey.confirm';
    return typed.flatMap(({ device: index, ahead }) => {
      const state = this.at.state.devices.find(({ id }) => id === this.id(index));
      if (state === undefined) return [];
      const first =
        state.type === 'totp' ? Math.floor(this.now / 30_000) : state.type === 'hotp' && !isNext ? state.floor : 0;
      return [{ device: state.id, counter: Math.max(0, first + ahead), epoch: state.epoch + (isNext ? 1 : 0) }];
    });
  }

  /** One of the last ten that were added; sometimes nobody's. */
  private id(index: number): DeviceId {
    return deviceAt(this.devices - index);
  }

  private change(): Change {
    return { by: 'desk', at: this.now, policy: this.rules.policy };
  }

  private count(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }
}

/** `expect` only where they differ: it takes longer than what it compares. */
function same(judged: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(judged, expected)) expect(judged).toEqual(expected);
}

const deviceAt = (index: number): DeviceId => `d${String(Math.max(0, index)).padStart(11, '0')}` as DeviceId;

const nameOf = (expected: { kind: string; verdict: { verdict: string; reason?: string; repeated?: true } }): string => {
  const { verdict, reason, repeated } = expected.verdict;
  return `${repeated ? 'repeated ' : ''}${reason ?? verdict}${expected.kind === 'append' ? '' : ', nothing appended'}`;
};

function failing(work: () => AccountEvent | undefined): {
  event?: AccountEvent | undefined;
  code?: string | undefined;
} {
  try {
    return { event: work() };
  } catch (error) {
    return { code: (error as { code?: string }).code };
  }
}

describe(`judge and a reference that looks through the whole history (PROPERTY_SEED=${seed})`, () => {
  const seen = new Map<string, number>();

  test('say the same of every question, whatever happened before', () => {
    const beginnings = fc.constantFrom<Step[]>([add('totp'), add('hotp', false)], AS_WIDE_AS_MAY_BE);
    const run = (policy: Policy, first: Step[], steps: Step[]): void => {
      const both = new Both(policy, seen);
      for (const each of [...first, ...steps]) both.take(each);
    };
    fc.assert(fc.property(policies, beginnings, fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }), run), {
      numRuns: 200,
      seed,
      examples: [...RARE, ...SHEETS, ...REKEYED].flatMap((steps) =>
        [DEFAULT_POLICY, FOLLOWING].map((policy) => [policy, AS_WIDE_AS_MAY_BE, steps]),
      ),
      interruptAfterTimeLimit: 30 * SECOND,
    });
  });

  test('were asked about everything', () => {
    const silent = ['replayed', 'locked', 'disabled', 'frozen', 'repeated wrong_code', 'repeated replayed'];
    const wanted = [
      ...['accepted', 'wrong_code', 'replayed', 'locked', 'repeated accepted'],
      ...silent.map((each) => `${each}, nothing appended`),
      ...['ahead', 'confirmed', 'rekeyed', 're-key: begun', 're-key: NOT_FOUND'],
      ...['resynced', 'recovered', 'NOT_FOUND', 'CONFLICT', 'LIMIT', 'add: done', 'add: LIMIT'],
      ...['changes', 'is so', 'NOT_FOUND', 'CONFLICT', 'LIMIT'].map((each) => `move: ${each}`),
    ];
    expect(wanted.filter((each) => !seen.has(each))).toEqual([]);
  });
});
