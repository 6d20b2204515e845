import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { verbs } from '@countersign/contracts';
import { GuardedNats, everybody, memberOf, type Who } from './everybody.js';
import { TABLE, verbsInTheTable, type Row } from './table.js';
import type { Answer, Attempt } from './wire.js';

let nats: GuardedNats;

beforeAll(async () => {
  nats = await GuardedNats.start();
});
afterAll(() => nats.stop());

interface Pair {
  attempt: Attempt;
  right: Answer;
}

/** Queue groups that are tried on each subject, beside the own: every service's, and some that nobody has. */
const GROUPS = ['enrollment', 'verification', 'key-derivation', 'audit', 'delivery', 'app', 'q', '*', '>', 'a.b'];

function pairsOf(who: Who, { subject, publish, hear, serve, only }: Row): Pair[] {
  const own = memberOf(who).name;
  const answer = (allowed: boolean): Answer => (allowed ? 'allowed' : 'refused');
  const hears = hear.includes(who);
  const pairs: Pair[] = [{ attempt: { kind: 'subscribe', subject }, right: answer(hears) }];
  if (only === undefined) pairs.push({ attempt: { kind: 'publish', subject }, right: answer(publish.includes(who)) });
  for (const group of new Set([own, ...GROUPS]))
    pairs.push({
      attempt: { kind: 'subscribe', subject, group },
      right: answer(hears || (serve.includes(who) && group === own)),
    });
  return pairs;
}

const described = (attempt: Attempt): string =>
  attempt.kind === 'publish'
    ? `publish ${attempt.subject}`
    : `subscribe to ${attempt.subject}${'group' in attempt ? ` in the group ${attempt.group}` : ''}`;

test('the table has every verb, each subject once, and thousands of pairs', () => {
  expect([...verbsInTheTable].sort()).toEqual([...verbs].sort());
  const subjects = TABLE.map(({ subject }) => subject);
  expect(subjects.filter((subject, n) => subjects.indexOf(subject) !== n)).toEqual([]);
  expect(TABLE.flatMap((row) => pairsOf('audit', row)).length * everybody.length).toBeGreaterThan(50_000);
});

test.each(everybody)('%s may do what the table says, and nothing else', async (who) => {
  const pairs = TABLE.flatMap((row) => pairsOf(who, row));
  const wire = await nats.wire(who);
  const answers = await wire.tryAll(pairs.map(({ attempt }) => attempt));
  wire.close();
  const wrong = pairs.flatMap(({ attempt, right }, n) =>
    answers[n] === right ? [] : [`${who} was ${answers[n]}: ${described(attempt)}`],
  );
  expect(wrong).toEqual([]);
  expect(answers).toContain('allowed');
  expect(answers).toContain('refused');
});

test('a stranger does not come in, with a key of its own or without one', async () => {
  await expect(nats.wire('stranger')).rejects.toThrow(/Authorization Violation/);
  await expect(nats.wireWithoutCredentials()).rejects.toThrow(/Authorization Violation/);
});
