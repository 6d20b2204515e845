import { expect, test } from '@jest/globals';
import { FAULT_KINDS } from './faults/table.js';
import { wantedFaults } from './faults/wanted.js';
import { HELP, readOptions, WrongOption, type Options } from './options.js';

const read = (...args: string[]): Options => {
  const wish = readOptions(args, () => 4711);
  if (wish.kind === 'help') throw new Error('that asked for help');
  return wish.options;
};
const LEAN = { cluster: false, namespaces: false };

test('without options: two minutes of the rich world, all faults, a fresh seed', () => {
  const plain = {
    world: 'rich',
    seed: 4711,
    minutes: 2,
    concurrency: 64,
    copies: 2,
    faults: 'all',
    untilViolation: false,
  };
  expect(read()).toEqual(plain);
});

test('codes without minutes have no end but their number', () => {
  expect(read('--codes', '100')).not.toHaveProperty('minutes');
  expect(read('--codes', '100', '--minutes', '0.5')).toMatchObject({ codes: 100, minutes: 0.5 });
});

test('faults by name', () => {
  expect(read('--faults', 'none').faults).toEqual([]);
  expect(read('--faults', 'nats-killed,redis-past').faults).toEqual(['nats-killed', 'redis-past']);
});

test.each([
  [['--world', 'small'], 'rich, lean'],
  [['--minutes', '0'], 'a number from'],
  [['--minutes', ''], 'a number from'],
  [['--codes', '1.5'], 'a whole number'],
  [['--seed=-1'], 'from 0'],
  [['--faults', 'none,nats-killed'], 'service-killed, '],
  [['--mutant', 'perfect'], 'without-compare'],
  [['--fast'], '--fast'],
  [['lean'], 'lean'],
])('%j is refused, saying what would be right', (args, says) => {
  expect(() => read(...args)).toThrow(WrongOption);
  expect(() => read(...args)).toThrow(says);
});

test('all means what the world can do; what is named it must be able to do', () => {
  const lean = wantedFaults('all', LEAN);
  expect(lean).toContain('nats-killed');
  expect(lean).not.toContain('nats-leader-isolated');
  expect(wantedFaults('all', { cluster: true, namespaces: true })).toEqual(FAULT_KINDS);
  expect(() => wantedFaults(['redis-failover-stale'], LEAN)).toThrow('--world rich');
  expect(() => wantedFaults(['acks-lost'], LEAN)).toThrow('namespaces');
});

test('the help names every option and every kind of fault', () => {
  const names = [
    'world',
    'minutes',
    'codes',
    'faults',
    'seed',
    'concurrency',
    'copies',
    'keep',
    'until-violation',
    'mutant',
  ];
  for (const name of names) expect(HELP).toContain(`--${name}`);
  for (const kind of FAULT_KINDS) expect(HELP).toContain(kind);
});
