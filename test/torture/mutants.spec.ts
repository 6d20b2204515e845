import { expect, test } from '@jest/globals';
import { MUTANTS, type Mutant } from '../world/mutants/mutants.js';
import type { Rule } from './checker/result.js';
import { runTorture } from './torture.suite.js';

/** How each wrong build is found, and what it breaks. */
const FOUND: Record<Mutant, { options: string; namespaces: boolean; breaks: Rule }> = {
  'without-compare': { options: '--world lean --faults none --minutes 1', namespaces: false, breaks: 'double_accepts' },
  'trusts-redis': {
    options: '--world lean --faults redis-flushed,redis-killed,redis-past --minutes 1',
    namespaces: false,
    breaks: 'double_accepts',
  },
  'answers-before-ack': {
    options: '--world rich --faults nats-leader-isolated --minutes 1',
    namespaces: true,
    breaks: 'lost_accepts',
  },
  'uses-msg-id': {
    options: '--world rich --faults nats-leader-isolated --minutes 1.25',
    namespaces: true,
    breaks: 'lost_accepts',
  },
};
const PATIENCE_MS = 180_000;

test.each(MUTANTS)(
  'a build that %s is found',
  async (mutant) => {
    const { options, namespaces, breaks } = FOUND[mutant];
    const { status, result, told } = await runTorture(`${options} --until-violation --mutant ${mutant}`, {
      namespaces,
    });
    if (status !== 1) throw new Error(told);
    expect(result[breaks]).toBeGreaterThan(0);
    expect(result.violations).toBeGreaterThanOrEqual(result[breaks]);
  },
  PATIENCE_MS,
);
