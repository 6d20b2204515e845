import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { root } from '../tidy/workspaces.js';
import { explore } from './explorer.js';
import { MISTAKES, Protocol, type Mistake } from './protocol.js';
import { scenarios } from './scenarios.js';

const said: string[] = [];
afterAll(() => void process.stdout.write(`${said.join('\n')}\n`));

test.each(scenarios)('$name: no trouble breaks a promise', ({ atLeast, ...scenario }) => {
  const { states, steps, depth, broken } = explore(new Protocol(scenario));
  said.push(`${scenario.name}: ${states} states, ${steps} steps, ${depth} deep`);
  expect(broken).toBeUndefined();
  expect(states).toBeGreaterThan(atLeast);
});

describe('a build that', () => {
  const found: Record<Mistake, [rule: string, scenario: number]> = {
    'appends without the comparison': ['I1: at most one acceptance of a code', 0],
    'answers before the acknowledgement': ['I3: an acceptance that was answered is in the ledger', 0],
    'lets the cache grant': ['I4: no code that is asked about after a revocation was answered is accepted', 3],
    'believes a read that finds nothing': ['an answer agrees with what the ledger has of it', 4],
    'takes the conflict of a fence for a loss': ['an answer agrees with what the ledger has of it', 1],
    'uses message ids': ['I3: an acceptance that was answered is in the ledger', 1],
  };
  test.each(MISTAKES)('%s is found, with a shortest trace', (mistake) => {
    const [rule, index] = found[mistake];
    const { broken } = explore(new Protocol(scenarios[index]!, mistake));
    said.push(
      `\na build that ${mistake}:`,
      ...(broken?.trace ?? []).map((step) => `  ${step}`),
      `  broken: ${broken?.rule}`,
    );
    expect(broken?.rule).toBe(rule);
  });
});

describe('docs/reliability-model.md', () => {
  const page = readFileSync(join(root, 'docs/reliability-model.md'), 'utf8');
  const rows = [...page.matchAll(/^\|(.*)\|$/gm)].map(([, row = '']) => row.split('|').map((cell) => cell.trim()));

  test('has every scenario and every wrong build', () => {
    for (const { name, atLeast } of scenarios) expect(rows).toContainEqual([name, atLeast.toLocaleString('en')]);
    for (const mistake of MISTAKES) expect(rows.map(([first]) => first)).toContain(mistake);
  });

  test('has every assumption about NATS, and no other', () => {
    const tried = readFileSync(join(root, 'test/model/assumptions.spec.ts'), 'utf8').match(/(?<=test\('\s*)N\d+/g);
    expect(rows.flatMap(([first = '']) => (/^N\d+$/.test(first) ? [first] : []))).toEqual(tried);
  });
});
