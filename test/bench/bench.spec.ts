import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { SERVICES } from '@countersign/contracts';
import { ROOT } from '@countersign/local';

const run = promisify(execFile);

/** The measuring programs themselves, for a moment: what they ask is answered as it should be. No speed is judged here. */
async function measured(program: string, ...options: string[]): Promise<string> {
  const path = join(ROOT, 'test', 'dist', 'bench', `${program}.js`);
  return (await run(process.execPath, [path, ...options])).stdout;
}

interface Side {
  perSecond: number;
  wrong: Record<string, number>;
}

test('verdicts: the product and the floor answer every scenario as they should', async () => {
  const out = await measured('verdicts', '--people', '400', '--seconds', '0.15', '--rounds', '1', '--json');
  const { scenarios } = JSON.parse(out) as { scenarios: { name: string; ours: Side; floor: Side; ratio: number }[] };
  expect(scenarios).toHaveLength(7);
  for (const { name, ours, floor, ratio } of scenarios) {
    expect({ name, wrong: [ours.wrong, floor.wrong] }).toEqual({ name, wrong: [{}, {}] });
    expect([ours.perSecond, floor.perSecond, ratio].every((each) => each > 0)).toBe(true);
  }
}, 120_000);

test('import: a file is taken in, and found there when it comes again', async () => {
  const lines = (await measured('import', '--tokens', '100')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { name: 'new', tokens: 100 },
    { name: 'there already', tokens: 100 },
  ]);
}, 120_000);

test('audit: a history that was made is taken in from its beginning', async () => {
  const lines = (await measured('audit', '--events', '300')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { name: 'the log', events: 300 },
    { name: 'the log, history and receipts', events: 300 },
  ]);
}, 120_000);

test('start: how long each service takes, and what it holds', async () => {
  const lines = (await measured('start', '--times', '1')).trim().split('\n');
  const figures = lines.map((line) => JSON.parse(line) as { service: string; startMs: number; idleMb: number });
  expect(figures.map(({ service }) => service)).toEqual([...SERVICES]);
  for (const { startMs, idleMb } of figures) expect(Math.min(startMs, idleMb)).toBeGreaterThan(10);
}, 120_000);

test('soak: the memory of every service, and its slope', async () => {
  const out = await measured('soak', '--minutes', '0.05', '--per-second', '200');
  const { verdicts, services } = JSON.parse(out) as { verdicts: number; services: Record<string, unknown>[] };
  expect(verdicts).toBeGreaterThan(0);
  expect(services.map(({ name }) => name).sort()).toEqual([...SERVICES].sort());
  for (const each of services)
    expect(each).toMatchObject({ firstMb: expect.any(Number), slopeMbPerHour: expect.any(Number) });
}, 120_000);
