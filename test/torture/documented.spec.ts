import { expect, test } from '@jest/globals';
import { bare, tableRows } from '../docs/documents.js';
import { RULES } from './checker/result.js';
import { FAULT_KINDS, faultOf } from './faults/table.js';

const PAGE = 'docs/reliability.md';

test('docs/reliability.md lists every fault, and where it can be done', () => {
  const where = { '': 'any', cluster: 'rich', namespaces: 'with namespaces' };
  const rows = tableRows(PAGE, 'How it is tried', 'fault').map(([kind, , world]) => [bare(kind), world]);
  expect(rows).toEqual(FAULT_KINDS.map((kind) => [kind, where[faultOf(kind).needs[0] ?? '']]));
});

test('docs/reliability.md explains every figure that must be 0', () => {
  const rows = tableRows(PAGE, 'Try it', 'figure').map(([name]) => bare(name));
  expect(rows).toEqual([...Object.keys(RULES), 'violations']);
});
