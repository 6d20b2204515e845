import { beforeAll, describe, expect, test } from '@jest/globals';
import { Failure, parseMessage } from '@countersign/contracts';
import fc from 'fast-check';
import { INTERNAL, PUBLIC, type Good } from './good-messages.js';
import { hostileText, mutated, type Mutated } from './hostile.js';
import { bytesHeld, outcomeOf } from './outcome.js';
import { inputs } from './seed.js';

const EACH = 2500;
const MEBIBYTE = 2 ** 20;

/** As it is shown: a sender's own text does not reach headers and logs unchanged. */
const shown = (name: string): string => name.slice(0, 64).replace(/[^\x21-\x7e]/g, '?');
const topOf = (path: string, names: Set<string>): boolean => names.has(path) || names.has(path.split('.')[0] as string);

/** Plain comparisons: Jest's own take longer than what is tried here. */
function check({ type }: Good, { value, touched }: Mutated): void {
  const outcome = outcomeOf(() => parseMessage(type, value));
  if ('polluted' in {}) throw new Error('the prototype of all objects was changed');
  if (outcome.kind === 'value') {
    if (!(outcome.value instanceof type)) throw new Error('it is no instance of its class');
    if (JSON.stringify(sorted(outcome.value)) !== JSON.stringify(sorted(value)))
      throw new Error('it is another message');
    return;
  }
  const { error } = outcome;
  if (!(error instanceof Failure)) throw error;
  if (error.code !== 'INVALID_ARGUMENT' || error.message.length > 512)
    throw new Error('another failure', { cause: error });
  const { fields } = error;
  if (fields === undefined && error.message === 'the message should be a JSON object') return;
  if (fields === undefined || fields.length === 0 || fields.length > 32)
    throw new Error('it names no field, or too many');
  const names = new Set([...touched].map(shown));
  for (const { field, problem } of fields) {
    if (!topOf(field, names)) throw new Error(`it names ${field}, which is right`);
    if (problem.trim() === '') throw new Error(`it does not say what ${field} should be`);
  }
}

/** Fields in the order of their names, at every depth. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined) // as JSON would leave it out
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, inner]) => [name, sorted(inner)]);
}

const classes = Object.entries({ ...PUBLIC, ...INTERNAL }) as [string, Good][];

describe('every message class, given what nobody should send', () => {
  let heldBefore: number;

  beforeAll(() => {
    for (const [, good] of classes)
      fc.assert(
        fc.property(mutated(good.message), (input) => check(good, input)),
        inputs(50),
      );
    heldBefore = bytesHeld();
  });

  test.each(classes)('%s takes its good message', (_verb, good) => {
    check(good, { value: good.message, touched: new Set() });
    expect(outcomeOf(() => parseMessage(good.type, good.message)).kind).toBe('value');
  });

  test.each(classes)('%s: names what is wrong and nothing else, and takes only what is right', (_verb, good) => {
    fc.assert(
      fc.property(mutated(good.message), (input) => check(good, input)),
      inputs(EACH),
    );
  });

  test.each(classes)('%s: names a field that nobody declared', (_verb, good) => {
    const unknown = hostileText.filter((name) => !Object.hasOwn(good.message, name));
    const named = fc.property(unknown, (name) => {
      const message = Object.defineProperty({ ...good.message }, name, { value: 1, enumerable: true });
      const outcome = outcomeOf(() => parseMessage(good.type, message));
      expect(outcome).toMatchObject({ error: { fields: [{ field: shown(name) }] } });
    });
    fc.assert(named, inputs(100));
  });

  test('and keeps nothing of it', () => {
    expect((bytesHeld() - heldBefore) / MEBIBYTE).toBeLessThan(8);
  });
});
