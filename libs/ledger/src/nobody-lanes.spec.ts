import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { LEDGER_STREAM, nobodySubject, parseTenant, type Tenant } from '@countersign/contracts';
import { SystemRandom, sleep, type Random } from '@countersign/runtime';
import type { Bus } from '@countersign/bus';
import { keptLog } from '@countersign/bus/testing';
import { Appender } from './appender.js';
import { NobodyLanes } from './nobody-lanes.js';
import { StreamReader } from './stream-reader.js';
import { faults, faulty, landsLate, type Fault } from './testing/faulty-bus.js';
import { RealLedger } from './testing/real-ledger.js';

const ACK_MS = 400;
const random = new SystemRandom();
let real: RealLedger;
let bus: Bus;
let reader: StreamReader;
let tenant: Tenant;
let made = 0;

beforeAll(async () => {
  real = await RealLedger.start();
  bus = await real.connect();
  reader = new StreamReader(bus, LEDGER_STREAM);
});
afterAll(() => real.stop());
beforeEach(() => {
  tenant = parseTenant(`t${(made += 1)}`);
});

/** What one process asks with; it draws these lanes first, and then others. */
function asker(over = bus, drawn: number[] = []): (at: number) => Promise<number> {
  const draws: Random = {
    bytes: (length) => {
      const next = drawn.shift();
      return next === undefined ? random.bytes(length) : Buffer.from([0, next]);
    },
  };
  const ownReader = new StreamReader(over, LEDGER_STREAM, ACK_MS);
  const appender = new Appender(over, ownReader, random, keptLog().log, ACK_MS);
  const lanes = new NobodyLanes(appender, ownReader, draws);
  return (at) => lanes.append(tenant, { type: 'nobody', at, by: 'test' });
}

interface Stored {
  subject: string;
  sequence: number;
  at: number;
  after: number;
}

/** Every question there is, in order. Throws where one does not follow the one before it in its lane. */
async function stored(): Promise<Stored[]> {
  const found: Stored[] = [];
  for (let from = 1; ;) {
    const message = await reader.next(from, nobodySubject(tenant, '*'));
    if (message === undefined) return found;
    const { subject, sequence } = message;
    const event = JSON.parse(Buffer.from(message.data).toString()) as Pick<Stored, 'at' | 'after'>;
    expect(event).toEqual({ type: 'nobody', by: 'test', at: event.at, after: event.after, nonce: expect.any(String) });
    expect(event.after).toBe(found.findLast((each) => each.subject === subject)?.sequence ?? 0);
    found.push({ ...event, subject, sequence });
    from = sequence + 1;
  }
}
const lanesOf = (questions: Stored[]): number => new Set(questions.map(({ subject }) => subject)).size;

test('questions one after the other are one chain; each says its own place', async () => {
  const ask = asker();
  const told = [await ask(1), await ask(2), await ask(3)];
  const questions = await stored();
  expect(questions.map(({ sequence }) => sequence)).toEqual(told);
  expect(lanesOf(questions)).toBe(1);
});

test('questions at one time wait for nothing: each costs one append, in a lane that is free', async () => {
  const over = faulty(bus);
  const ask = asker(over.bus, [1, 2, 3, 4, 5, 6]);
  const ats = [1, 2, 3, 4, 5, 6];
  await Promise.all(ats.map(ask));
  over.asked.length = 0;
  await Promise.all(ats.map(ask));
  expect(over.asked).toHaveLength(6);
  const questions = await stored();
  expect(lanesOf(questions)).toBe(6);
  expect(questions).toHaveLength(12);
});

test('two processes that draw one lane leave one chain there, and then keep apart', async () => {
  const [one, other] = [asker(bus, [7]), asker(bus, [7])];
  for (let at = 0; at < 20; at += 2) await Promise.all([one(at), other(at + 1)]);
  const questions = await stored();
  expect(questions.map(({ at }) => at).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at));
  expect(lanesOf(questions)).toBe(2);
});

test('a process that draws one of its own lanes loses nothing', async () => {
  const ask = asker(bus, [7, 7, 7, 7, 8, 9, 10, 11]);
  await Promise.all([1, 2, 3, 4].map(ask));
  await Promise.all([5, 6, 7, 8].map(ask));
  expect(await stored()).toHaveLength(8);
});

test.each<[string, Fault[]]>([
  ['its acknowledgement is lost', [faults.answerLost]],
  ['the connection is lost after it', [faults.connectionLost]],
  ['it is lost, and then its acknowledgement', [faults.requestLost, faults.noResponders, faults.answerLost]],
])('a question is stored once when %s', async (_what, troubles) => {
  const over = faulty(bus);
  const ask = asker(over.bus);
  await ask(1);
  over.appends.push(...troubles);
  const told = [await ask(2), await ask(3)];
  expect((await stored()).map(({ sequence }) => sequence).slice(1)).toEqual(told);
});

test('one that lands late keeps its lane, and no other question, waiting', async () => {
  const over = faulty(bus);
  const ask = asker(over.bus);
  await ask(1);
  const { fault, land } = landsLate();
  let answered: () => void = () => undefined;
  const silent = new Promise<void>((resolve) => (answered = resolve));
  over.appends.push(fault);
  over.reads.push(async (look) => {
    await silent;
    return look();
  });
  const late = ask(2);
  await sleep(0);
  await ask(3);
  await land();
  answered();
  await late;
  const questions = await stored();
  expect(questions.map(({ at }) => at)).toEqual([1, 3, 2]);
  expect(lanesOf(questions)).toBe(2);
});

test('a question that meets others in every lane is UNAVAILABLE, and nothing of it is stored', async () => {
  const over = faulty(bus);
  const lanes = Array.from({ length: 8 }, (_, lane) => lane);
  over.appends.push(
    ...lanes.map((lane): Fault => async (append) => {
      await asker(bus, [lane])(100 + lane);
      return append();
    }),
  );
  await expect(asker(over.bus, [...lanes])(1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect((await stored()).map(({ at }) => at)).toEqual(lanes.map((lane) => 100 + lane));
});
