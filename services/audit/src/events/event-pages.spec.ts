import { beforeEach, describe, expect, test } from '@jest/globals';
import type { EventsReply } from '@countersign/contracts';
import { ListLedger } from '../testing/list-ledger.js';
import { EventPages, type Range } from './event-pages.js';
import { firstAt } from './first-at.js';

const always = (): boolean => true;

describe('pages of events', () => {
  let ledger: ListLedger;
  let pages: EventPages;
  beforeEach(() => {
    ledger = new ListLedger();
    pages = new EventPages(ledger);
  });
  const page = async (range: Range, inTime = always): Promise<EventsReply> =>
    pages.page('ledger.acme.>', await pages.start(range), range, inTime);
  const sequences = ({ events }: EventsReply): number[] => events.map(({ sequence }) => sequence);

  /** 60 events, one a second: those of acme are at 1, 4, 7...; 2, 5, 8... are records; the rest is beta's. */
  function mixed(): void {
    for (let index = 0; index < 60; index += 1)
      ledger.add(['ledger.acme.ada', 'ledger.acme.ada.d.1', 'ledger.beta.bob'][index % 3] as string, {
        type: 'accepted',
      });
  }

  test("are one tenant's events in order, without records, and none is left out or shown twice", async () => {
    mixed();
    const seen: number[] = [];
    for (let after = 0, more = true; more;) {
      const next = await page({ after, limit: 3 });
      seen.push(...sequences(next));
      ({ next: after, more } = next);
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => 3 * index + 1));
  });

  test('have questions about unknown names among them, in whatever lane, and where releases without lanes wrote', async () => {
    const lanes = ['_nobody', '_nobody.4x', '_nobody.7a', 'ada.d.1', '_nobody.7a', '_tenant'];
    for (const lane of lanes) ledger.add(`ledger.acme.${lane}`, { type: 'x' });
    const { events } = await page({});
    expect(events.map(({ sequence, account }) => [sequence, account])).toEqual([
      ...[1, 2, 3, 5].map((sequence) => [sequence, '_nobody']),
      [6, '_tenant'],
    ]);
  });

  test('show no record, however many there are, and end among many', async () => {
    for (let index = 0; index < 1500; index += 1) ledger.add(`ledger.acme.ada.d${index}.1`, { type: 'record' });
    ledger.add('ledger.acme.ada', { type: 'created' });
    const first = await page({});
    expect(first).toEqual({ events: [], next: 1000, more: true });
    expect(sequences(await page({ after: first.next }))).toEqual([1501]);
  });

  test.each([
    { range: { since: 40_000 }, expected: [40, 43, 46, 49, 52, 55, 58] },
    { range: { since: 40_001 }, expected: [43, 46, 49, 52, 55, 58] },
    { range: { until: 10_000 }, expected: [1, 4, 7] },
    { range: { until: 10_001 }, expected: [1, 4, 7, 10] },
    { range: { since: 40_000, until: 46_000 }, expected: [40, 43] },
    { range: { since: 40_000, after: 49 }, expected: [52, 55, 58] },
    { range: { since: 40_000, after: 2 }, expected: [40, 43, 46, 49, 52, 55, 58] },
    { range: { since: 99_000 }, expected: [] },
    { range: { after: 1_000_000 }, expected: [] },
  ])('keep to the time and place asked for: $range', async ({ range, expected }) => {
    mixed();
    expect(sequences(await page(range))).toEqual(expected);
  });

  test('an empty page goes on after what it passed over', async () => {
    mixed();
    expect(await page({ after: 58 })).toEqual({ events: [], next: 59, more: false });
  });

  test('end before 60 KiB and lose nothing', async () => {
    for (let index = 0; index < 30; index += 1)
      ledger.add('ledger.acme.ada', { type: 'accepted', text: 'x'.repeat(8000) });
    const first = await page({});
    expect(Buffer.byteLength(JSON.stringify(first))).toBeLessThanOrEqual(61 * 1024);
    expect(first.more).toBe(true);
    expect(sequences(await page({ after: first.next }))[0]).toBe(first.events.length + 1);
  });

  test('go past an event that none of them could hold', async () => {
    for (const text of ['x', 'x'.repeat(100_000), 'x']) ledger.add('ledger.acme.ada', { type: 'accepted', text });
    const { events, more } = await page({});
    expect({ types: events.map(({ type }) => type), more }).toEqual({
      types: ['accepted', 'unreadable', 'accepted'],
      more: false,
    });
  });

  test('end when the time to answer has come, and say that there is more', async () => {
    mixed();
    let reads = 0;
    const early = await page({}, () => ++reads < 6);
    expect(sequences(early)).toEqual([1, 4, 7]);
    expect(early.more).toBe(true);
  });

  test('events outside of the time asked for are not skipped without end', async () => {
    for (let index = 0; index < 3000; index += 1) ledger.add('ledger.acme.ada', { type: 'accepted' }, 5000);
    const early = await page({ since: 6000 });
    expect(early).toEqual({ events: [], next: 1000, more: true });
  });

  test('a place in time is found by halving, also past a purged prefix', async () => {
    for (let index = 0; index < 1000; index += 1) ledger.add('ledger.acme.ada', { type: 'accepted' });
    ledger.purgeBefore(300);
    expect(await firstAt(ledger, 500_000)).toBe(490); // the servers' clocks may differ: 10 s early
    expect(ledger.reads).toBeLessThan(15);
    expect(await firstAt(ledger, 0)).toBe(1);
    expect(await firstAt(ledger, 9e9)).toBe(1001);
  });
});
