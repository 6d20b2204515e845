import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  CSV_HEADER,
  ReceiptChecker,
  formatLine,
  parseLine,
  parseReceipt,
  verifyExport,
  type ExportFormat,
  type Receipt,
} from '@countersign/audit-verifier';
import { proveInclusion, readTiles, tilePath } from '@countersign/tlog';
import { seed } from '../fuzz/seed.js';
import { Chance } from '../torture/chance/chance.js';
import { madeEntries } from './entries.js';
import type { Victim } from './tamperings.js';
import { victimOf } from './try-tamperings.js';

const SUBJECTS_OF_ACME = /^ledger\.acme\.[^.]+\n/;
const MOST_MS = 5;

let victim: Victim;
let receipts: Receipt[];

beforeAll(async () => {
  victim = await victimOf(madeEntries(1000, new Chance(seed)));
  const { entries, files, head } = victim;
  const read = readTiles(head, async (tiles) => tiles.map((tile) => files.get(tilePath(tile)) as Uint8Array));
  const own = [...entries.keys()].filter((index) => SUBJECTS_OF_ACME.test(String(entries[index])));
  receipts = await Promise.all(
    own.map(async (index) => ({
      format: 'countersign-receipt-v1' as const,
      sequence: index + 1,
      entry: String(entries[index]),
      proof: (await proveInclusion(index, head.size, read)).map((hash) => Buffer.from(hash).toString('base64')),
      checkpoint: Buffer.from(files.get('checkpoint') as Uint8Array).toString('utf8'),
    })),
  );
});

const checked = (receipt: Receipt, key = victim.key) => {
  const result = new ReceiptChecker(key.verifier).check(receipt);
  return result.kind === 'right' ? 'right' : result.finding.kind;
};

describe('a receipt', () => {
  test('is right, and told so in less than 5 ms', () => {
    const texts = receipts.slice(0, 100).map((receipt) => JSON.stringify(receipt));
    const times = texts.map((text) => {
      const from = performance.now();
      expect(checked(parseReceipt(text))).toBe('right');
      return performance.now() - from;
    });
    expect(times.sort((one, other) => one - other)[50]).toBeLessThan(MOST_MS);
  });

  test.each<[string, (receipt: Receipt) => Partial<Receipt>]>([
    ['another sequence', ({ sequence }) => ({ sequence: sequence + 1 })],
    ['a sequence beyond the log', () => ({ sequence: 5000 })],
    ['another entry', ({ entry }) => ({ entry: entry.replace('accepted', 'rejected') })],
    ['another subject', ({ entry }) => ({ entry: entry.replace('acme', 'beta') })],
    ['another hash', ({ proof }) => ({ proof: [...proof.slice(1), proof[0] as string] })],
    ['a hash less', ({ proof }) => ({ proof: proof.slice(1) })],
    ['a hash written otherwise', ({ proof }) => ({ proof: proof.map((hash) => hash.replace('=', '')) })],
    ['another checkpoint', ({ checkpoint }) => ({ checkpoint: checkpoint.replace('\n1000\n', '\n1001\n') })],
  ])('with %s is found changed', (_, change) => {
    const receipt = receipts[7] as Receipt;
    expect(checked({ ...receipt, ...change(receipt) })).toBe('changed');
  });

  test('by another key is named so', () => {
    expect(checked(receipts[7] as Receipt, victim.otherKey)).toBe('other-key');
  });

  test.each(['', 'null', '{}', '[]', '{"format":"countersign-receipt-v1","sequence":1,"proof":[1]}'])(
    'is not %j',
    (text) => {
      expect(() => parseReceipt(text)).toThrow();
    },
  );
});

describe.each<ExportFormat>(['jsonl', 'csv'])('an export as %s', (format) => {
  const linesOf = (all: readonly Receipt[]) => [
    ...(format === 'csv' ? [CSV_HEADER] : []),
    ...all.map((each) => formatLine(format, each)),
  ];
  const kinds = async (lines: string[]) => {
    const { findings, events } = await verifyExport(asyncOf(lines), victim.key.verifier);
    return { kinds: [...new Set(findings.map(({ kind }) => kind))], events };
  };

  test('is right, whole', async () => {
    expect(await kinds(linesOf(receipts))).toEqual({ kinds: [], events: receipts.length });
  });

  test('a line dropped between two events of an account is missed', async () => {
    const told = receipts.findIndex(({ sequence }) => victim.told.includes(sequence - 1) && sequence > 500);
    const subject = receipts[told]?.entry.split('\n')[0];
    expect(receipts.slice(0, told).some(({ entry }) => entry.split('\n')[0] === subject)).toBe(true);
    expect((await kinds(linesOf(receipts.filter((_, at) => at !== told)))).kinds).toEqual(['dropped']);
  });

  test('lines in another order, twice, or cut short are found', async () => {
    const [one, other, ...rest] = receipts as [Receipt, Receipt, ...Receipt[]];
    expect((await kinds(linesOf([other, one, ...rest]))).kinds).toContain('reordered');
    expect((await kinds(linesOf([one, one, other, ...rest]))).kinds).toEqual(['inserted']);
    const lines = linesOf(receipts);
    const cut = lines.pop()?.slice(0, -30) as string;
    expect((await kinds([...lines, cut])).kinds).toEqual(['changed']);
  });

  test('an event of another log is found', async () => {
    const [one, ...rest] = receipts as [Receipt, ...Receipt[]];
    expect(
      (await kinds(linesOf([{ ...one, entry: one.entry.replace('accepted', 'rejected') }, ...rest]))).kinds,
    ).toEqual(['changed']);
  });

  test('every changed character is found', async () => {
    const line = linesOf(receipts.slice(9, 10)).at(-1) as string;
    const header = format === 'csv' ? [CSV_HEADER] : [];
    for (let at = 0; at < line.length; at += 7) {
      const wrong = line.slice(0, at) + (line[at] === 'k' ? 'j' : 'k') + line.slice(at + 1);
      expect({ at, ...(await kinds([...header, wrong])) }).not.toMatchObject({ kinds: [] });
    }
  });
});

test('a row of csv shows its event for people', () => {
  const [receipt] = receipts as [Receipt];
  const [sequence, at, , type] = formatLine('csv', receipt).split(',');
  expect([sequence, type]).toEqual([String(receipt.sequence), 'accepted']);
  expect(at).toMatch(/^2026-11-\d\dT[\d:.]+Z$/);
  expect(parseLine('csv', formatLine('csv', receipt))).toEqual({ receipt, showsItself: true });
});

async function* asyncOf<T>(values: readonly T[]): AsyncGenerator<T, void> {
  yield* values;
}
