import { describe, expect, test } from '@jest/globals';
import { plantedChallenges, soundChallenges } from './challenge-stories.js';
import { RULES, type Result, type Rule } from './result.js';
import { PHONE, Story, TWIN, WRONG } from './story.js';

const broken = (result: Result): Record<string, number> =>
  Object.fromEntries(
    Object.keys(RULES)
      .map((rule): [string, number] => [rule, result[rule as Rule]])
      .filter(([, count]) => count > 0),
  );

const repeat = (story: Story, of: number, by: object = {}, asked: object = {}): void => {
  const at = story.ledger[of - 1]!.body['at'] as number;
  const id = story.ask(0, { requestId: 'same', ...asked });
  story.event('repeated', { device: PHONE, of, request: 'digest-0', ...by });
  story.answer(id, { verdict: 'accepted', device: PHONE, sequence: of, at, repeated: true });
};

const guesses = (story: Story, count: number, fields: object = {}): void => {
  for (let each = 0; each < count; each += 1) story.guess(fields);
};

const SAME = { code: TWIN.code };
/** The later counter of two with one code is called replayed, by way of `counter`. */
const replayOfTwin = (story: Story, counter: number): void => {
  const id = story.ask(TWIN.second, SAME);
  story.event('replayed', { device: PHONE, counter });
  story.answer(id, { verdict: 'rejected', reason: 'replayed', device: PHONE });
};
const EIGHTH = { code: '262370' }; // of that secret's counter 8, by oathtool

/** A hundred wrong codes, with an acceptance after every fourth. */
const hundred = (story: Story): void => {
  for (let counter = 0; counter < 25; counter += 1) {
    guesses(story, 4);
    if (counter < 24) story.accept(counter);
    story.wait(60_000);
  }
};

const sound: [string, (story: Story) => void][] = [
  ...soundChallenges,
  ['nothing at all', () => undefined],
  ['codes one after the other, and some left out', (story) => [0, 1, 4].forEach((counter) => story.accept(counter))],
  [
    'an acceptance that is repeated to its own question within a minute',
    (story) => {
      const first = story.accept(0, { requestId: 'same' });
      repeat(story, first);
      story.wait(59_000);
      repeat(story, first);
    },
  ],
  [
    'an acceptance whose answer was lost, asked for again',
    (story) => {
      const lost = story.ask(0, { requestId: 'same' });
      story.evaluated(0);
      const of = story.event('accepted', { device: PHONE, counter: 0, request: 'digest-0' });
      story.fail(lost, 'OUTCOME_UNKNOWN');
      repeat(story, of);
    },
  ],
  [
    'an acceptance before a revocation that is answered after it',
    (story) => {
      const id = story.ask(0);
      story.evaluated(0);
      const sequence = story.event('accepted', { device: PHONE, counter: 0 });
      const { now: at } = story;
      story.move('revoked');
      story.answer(id, { verdict: 'accepted', device: PHONE, sequence, at });
    },
  ],
  [
    'a device that is disabled, enabled and accepted',
    (story) => (['disabled', 'enabled'] as const).forEach((type) => story.move(type)) ?? story.accept(0),
  ],
  [
    'a replay, and a second one in the same minute that writes nothing',
    (story) => {
      story.accept(0);
      const first = story.ask(0);
      const noted = story.event('replayed', { device: PHONE, counter: 0 });
      story.answer(first, { verdict: 'rejected', reason: 'replayed', device: PHONE });
      const second = story.ask(0);
      story.answer(second, { verdict: 'rejected', reason: 'replayed', device: PHONE, sequence: noted });
    },
  ],
  [
    'five wrong codes, a sixth after 30 s, and a right one from elsewhere meanwhile',
    (story) => {
      story.accept(0, { origin: 'home' }, { origin: 'home' });
      guesses(story, 5);
      story.accept(1, { origin: 'home' }, { origin: 'home' });
      story.wait(30_000);
      story.guess();
    },
  ],
  [
    'a budget that is locked by 100 wrong codes between many acceptances, and by no fewer',
    (story) => {
      hundred(story);
      story.event('refused', { reason: 'locked' });
    },
  ],
  [
    'five wrong codes, an unlocking, and five more',
    (story) => {
      guesses(story, 5);
      story.event('unlocked');
      guesses(story, 5);
    },
  ],
  [
    'a locked budget',
    (story) => {
      guesses(story, 5);
      const id = story.ask(0);
      story.event('refused', { reason: 'locked' });
      story.answer(id, { verdict: 'rejected', reason: 'locked' });
    },
  ],
  [
    'a code too far ahead',
    (story) => {
      story.accept(0);
      const id = story.ask(0, { counter: 11, code: story.code(11) });
      story.event('rejected', { reason: 'wrong_code' });
      story.answer(id, { verdict: 'rejected', reason: 'wrong_code' });
    },
  ],
  [
    'a code to come that is that of a spent counter, and so a replay',
    (story) => {
      story.becomeTwin();
      story.accept(TWIN.first, SAME);
      replayOfTwin(story, TWIN.first);
    },
  ],
  [
    'a code that was spent so long ago that it is looked at no more, for another counter',
    (story) => {
      story.becomeTwin();
      story.accept(TWIN.first, SAME);
      story.accept(8, EIGHTH);
      story.accept(TWIN.second, SAME);
    },
  ],
  ['30 looks at wrong codes, and 30 by another replica', (story) => looks(story, 30, ['one', 'two'])],
  [
    'names that nobody has, asked about in two lanes',
    (story) => {
      stranger(story, 'ab', 0);
      const [one] = [stranger(story, 'cd', 0), story.accept(0)];
      stranger(story, 'cd', one);
    },
  ],
];

/** A question about a name that nobody has, and its wrong code's event; the event's sequence. */
function stranger(story: Story, lane: string, after: number, of?: number): number {
  const id = story.ask(undefined);
  (story.history.at(-1) as { account: string }).account = '';
  const event = { type: 'nobody', at: story.now, by: 'app', after };
  const sequence = of ?? story.store(`ledger.acme._nobody.${lane}`, event);
  story.answer(id, { verdict: 'rejected', reason: 'wrong_code', sequence });
  return sequence;
}

function looks(story: Story, count: number, replicas: string[]): void {
  for (let each = 0; each < count; each += 1) for (const replica of replicas) story.evaluated(undefined, replica);
}

describe('is sound:', () => {
  test.each(sound)('%s', async (_what, tell) => {
    const story = new Story();
    tell(story);
    const result = await story.checked();
    expect(broken(result)).toEqual({});
    expect(result).toMatchObject({ violations: 0, found: [] });
  });
});

const planted: [Rule, string, (story: Story) => void][] = [
  ...plantedChallenges,
  ['double_accepts', 'one code twice in the ledger', (story) => story.accept(0) && story.accept(0)],
  [
    'double_accepts',
    'one acceptance answered to two questions',
    (story) => {
      story.accept(0);
      const { now: at } = story;
      const id = story.ask(0, { requestId: 'another' });
      story.answer(id, { verdict: 'accepted', device: PHONE, at });
    },
  ],
  [
    'double_accepts',
    'an acceptance repeated to another requestId',
    (story) => repeat(story, story.accept(0, { requestId: 'same' }), {}, { requestId: 'another' }),
  ],
  [
    'double_accepts',
    'a repetition in the ledger that is of another request',
    (story) => repeat(story, story.accept(0, { requestId: 'same' }), { request: 'another' }),
  ],
  [
    'double_accepts',
    'an acceptance repeated after its minute',
    (story) => {
      const first = story.accept(0, { requestId: 'same' });
      story.wait(59_900);
      repeat(story, first);
    },
  ],
  [
    'double_accepts',
    'a spent code, accepted for a counter to come that shows it, too',
    (story) => {
      story.becomeTwin();
      story.accept(TWIN.first, SAME);
      story.accept(TWIN.second, SAME);
    },
  ],
  ['wrong_accepts', 'a code that is another counter`s', (story) => story.accept(1, { code: story.code(2) })],
  ['wrong_accepts', 'a counter beyond the look-ahead', (story) => story.accept(10)],
  ['wrong_accepts', 'a counter below one that was accepted', (story) => story.accept(4) && story.accept(3)],
  [
    'wrong_accepts',
    'a time step that is not now',
    (story) => {
      story.ledger.find(({ body }) => body['type'] === 'record')!.body['profile'] = { type: 'totp', stepSeconds: 30 };
      story.accept(0);
    },
  ],
  [
    'wrong_accepts',
    'a name that nobody has',
    (story) => {
      const id = story.ask(undefined);
      (story.history.at(-1) as { account: string }).account = '';
      story.answer(id, { verdict: 'accepted', device: PHONE });
    },
  ],
  [
    'unproven_accepts',
    'an acceptance without a match before it',
    (story) => {
      story.accept(0);
      story.history.splice(
        story.history.findIndex(({ kind }) => kind === 'evaluated'),
        1,
      );
    },
  ],
  [
    'unproven_accepts',
    'a match that came only later',
    (story) => {
      story.accept(0);
      story.history.find(({ kind }) => kind === 'evaluated')!.at += 1000;
    },
  ],
  [
    'judged_while_closed',
    'a hundred and first wrong code between many acceptances',
    (story) => {
      hundred(story);
      story.guess();
    },
  ],
  ['judged_while_closed', 'a sixth wrong code at once', (story) => guesses(story, 6)],
  [
    'judged_while_closed',
    'a right code while the budget is closed',
    (story) => {
      guesses(story, 5);
      story.accept(0);
    },
  ],
  [
    'uncounted_guesses',
    'a wrong code without its event',
    (story) => {
      story.guess();
      story.answer(story.ask(undefined), { verdict: 'rejected', reason: 'wrong_code' });
    },
  ],
  [
    'uncounted_guesses',
    'one event for two answers to the same question',
    (story) => {
      const ids = [1, 2].map(() => story.ask(undefined, { requestId: 'same' }));
      story.event('rejected', { reason: 'wrong_code' });
      for (const id of ids) story.answer(id, { verdict: 'rejected', reason: 'wrong_code' });
    },
  ],
  ['uncounted_guesses', 'an unknown name`s wrong code without its event', (story) => stranger(story, 'ab', 0, 77)],
  [
    'uncounted_guesses',
    'one event for the wrong codes of two unknown names',
    (story) => {
      const id = story.ask(undefined);
      (story.history.at(-1) as { account: string }).account = '';
      const sequence = stranger(story, 'ab', 0);
      story.answer(id, { verdict: 'rejected', reason: 'wrong_code', sequence });
    },
  ],
  [
    'forks',
    'two questions about unknown names after the same one',
    (story) => stranger(story, 'ab', 0) && stranger(story, 'ab', 0),
  ],
  ['evaluated_guesses', '31 looks at wrong codes within a minute', (story) => looks(story, 31, ['one'])],
  [
    'lost_accepts',
    'an answered acceptance that is not in the ledger',
    (story) => {
      const id = story.ask(0);
      story.evaluated(0);
      story.answer(id, { verdict: 'accepted', device: PHONE });
    },
  ],
  [
    'lost_accepts',
    'an acceptance answered again without an event',
    (story) => {
      const sequence = story.accept(0, { requestId: 'same' });
      const { now: at } = story;
      const id = story.ask(0, { requestId: 'same' });
      story.answer(id, { verdict: 'accepted', device: PHONE, sequence, at, repeated: true });
    },
  ],
  [
    'lost_rejections',
    'a replay that the ledger does not have',
    (story) => {
      story.accept(0);
      story.answer(story.ask(0), { verdict: 'rejected', reason: 'replayed', device: PHONE });
    },
  ],
  [
    'lost_rejections',
    'locked, by an event of nobody',
    (story) => story.answer(story.ask(0), { verdict: 'rejected', reason: 'locked', sequence: 77 }),
  ],
  [
    'after_revocation_accepts',
    'an acceptance after the revocation',
    (story) => {
      const id = story.ask(0);
      story.evaluated(0);
      story.move('revoked');
      story.event('accepted', { device: PHONE, counter: 0 });
      story.answer(id, { verdict: 'accepted', device: PHONE });
    },
  ],
  [
    'after_revocation_accepts',
    'a repetition after the device was disabled',
    (story) => {
      const first = story.accept(0, { requestId: 'same' });
      story.move('disabled');
      repeat(story, first);
    },
  ],
  [
    'after_revocation_accepts',
    'an acceptance asked for after its revocation was answered, though it stands before it',
    (story) => {
      story.evaluated(0);
      const sequence = story.event('accepted', { device: PHONE, counter: 0 });
      const { now: at } = story;
      story.move('revoked');
      const id = story.ask(0);
      story.answer(id, { verdict: 'accepted', device: PHONE, sequence, at });
    },
  ],
  [
    'forks',
    'two events after the same one',
    (story) => story.event('renaming') && story.event('renamed', { after: 3 }),
  ],
  [
    'forks',
    'an event that does not name the last one',
    (story) => story.event('renaming') && story.event('renamed', { after: 0 }),
  ],
  [
    'wrong_rejects',
    'a right code that is called wrong',
    (story) => {
      const id = story.ask(0);
      story.event('rejected', { reason: 'wrong_code' });
      story.answer(id, { verdict: 'rejected', reason: 'wrong_code' });
    },
  ],
  ['wrong_rejects', 'an open budget that is called locked', (story) => story.event('refused', { reason: 'locked' })],
  [
    'wrong_rejects',
    'a fresh code that is called replayed',
    (story) => story.event('replayed', { device: PHONE, counter: 0 }),
  ],
  [
    'wrong_rejects',
    'a fresh code that is called replayed by way of a spent counter',
    (story) => {
      story.accept(0);
      const id = story.ask(1);
      story.event('replayed', { device: PHONE, counter: 0 });
      story.answer(id, { verdict: 'rejected', reason: 'replayed', device: PHONE });
    },
  ],
  [
    'wrong_rejects',
    'a fresh code that is called replayed for what was spent too long ago to be looked at',
    (story) => {
      story.becomeTwin();
      story.accept(TWIN.first, SAME);
      story.accept(8, EIGHTH);
      replayOfTwin(story, TWIN.first);
    },
  ],
  ['stuck', 'a question without an answer', (story) => story.ask(0)],
  [
    'stuck',
    'an account that gives no verdict at the end',
    (story) => story.fail(story.ask(0, { intent: 'probe' }), 'UNAVAILABLE'),
  ],
  ['stuck', 'an account that was frozen for nothing', (story) => story.event('frozen', { sequences: [1, 2] })],
];

describe('is found by its own rule:', () => {
  test.each(planted)('%s: %s', async (rule, _what, plant) => {
    const story = new Story();
    plant(story);
    const result = await story.checked();
    expect(broken(result)).toEqual({ [rule]: 1 });
    expect(result.found[0]).toMatchObject({ rule, says: expect.any(String) });
    expect(result.found[0]!.proof.length).toBeGreaterThan(0);
  });

  test('every rule there is', () => {
    expect(new Set(planted.map(([rule]) => rule))).toEqual(new Set(Object.keys(RULES)));
  });
});

test('guesses are counted against what the delays allow in their time', async () => {
  const story = new Story();
  guesses(story, 5);
  story.wait(30_000);
  story.guess();
  story.wait(60_000);
  story.guess();
  story.event('unlocked');
  guesses(story, 5);
  looks(story, 12, ['two']);
  expect(await story.checked()).toMatchObject({
    answered_guesses_max: 7,
    answered_guesses_bound: 7,
    evaluated_guesses_max: 12,
    evaluated_guesses_cap: 30,
    violations: 0,
  });
});

test('what happened is told in numbers', async () => {
  const story = new Story();
  const fault = (fault: number, kind: 'fault-began' | 'fault-ended', name: string): void => {
    story.wait(10);
    story.history.push(
      kind === 'fault-began'
        ? { kind, at: story.now, fault, name, target: 'x' }
        : { kind, at: story.now, fault, elects: name === 'nats-killed' },
    );
  };
  const failing = (code: 'UNAVAILABLE' | 'OUTCOME_UNKNOWN'): void => {
    const id = story.ask(undefined, { code: WRONG });
    story.wait(500);
    story.fail(id, code);
  };
  fault(1, 'fault-began', 'nats-killed');
  failing('UNAVAILABLE');
  fault(1, 'fault-ended', 'nats-killed');
  failing('UNAVAILABLE'); // 0.1 s after it ended
  failing('OUTCOME_UNKNOWN'); // 0.7 s
  story.accept(0); // 1.3 s
  fault(2, 'fault-began', 'redis-flushed');
  fault(3, 'fault-began', 'service-killed');
  fault(2, 'fault-ended', 'redis-flushed');
  fault(3, 'fault-ended', 'service-killed');
  story.accept(1); // 0.1 s
  expect(await story.checked()).toMatchObject({
    codes: 2,
    questions: 5,
    verdicts: 2,
    events: 5,
    evaluations: 2,
    failures: { UNAVAILABLE: 2, OUTCOME_UNKNOWN: 1 },
    unavailable: 2,
    outcome_unknown: 1,
    faults: { 'nats-killed': 1, 'redis-flushed': 1, 'service-killed': 1 },
    recovery_ms_max: { 'nats-killed': 1300, 'redis-flushed + service-killed': 100 },
    recovery_ms_p99: 100,
    recovery_ms_p99_electing: 1300,
    failing_ms_p99: 0,
    failing_ms_p99_electing: 700,
    violations: 0,
  });
});
