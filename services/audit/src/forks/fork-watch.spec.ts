import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Alarm } from '@countersign/contracts';
import { Log } from '@countersign/runtime';
import { Tail } from '../tail/tail.js';
import { ListLedger } from '../testing/list-ledger.js';
import { ForkWatch } from './fork-watch.js';
import type { Watched } from './watch-file.js';

const ADA = 'ledger.acme.ada';
const FORK: Alarm = { kind: 'FORK', subject: ADA, sequences: [2, 3] };

describe('the fork watch', () => {
  let ledger: ListLedger;
  let alarms: Alarm[];
  let kept: Watched;
  let now: number;
  beforeEach(() => {
    ledger = new ListLedger();
    alarms = [];
    kept = { position: 0, open: [] };
    now = 1_000_000;
  });

  /** Runs a watch to the ledger's end and stops it, as a replica would be. */
  async function watchToTheEnd(): Promise<void> {
    const tail = new Tail(ledger, 1);
    const watch = new ForkWatch({
      ledger,
      tail,
      alarm: (alarm) => alarms.push(alarm),
      log: new Log('audit', 'error', () => undefined),
      clock: { now: () => now },
      file: {
        read: () => structuredClone(kept),
        write: (watched) => {
          kept = structuredClone(watched);
          return Promise.resolve();
        },
      },
      steps: { doubts: () => Promise.resolve([]) },
      policies: { saw: () => Promise.resolve() },
      alarms: { raise: () => undefined },
    });
    watch.start();
    while (watch.position < ledger.messages.length) await new Promise(setImmediate);
    await new Promise(setImmediate);
    tail.close(); // else it waits for more
    await watch.stop();
  }

  function forked(): void {
    ledger.add(ADA, { type: 'created', after: 0 });
    ledger.add(ADA, { type: 'accepted', after: 1 });
    ledger.add(ADA, { type: 'accepted', after: 1 });
  }

  test('tells of a fork, and where', async () => {
    forked();
    await watchToTheEnd();
    expect(alarms[0]).toEqual(FORK);
    expect(kept).toEqual({ position: 3, open: [FORK] });
  });

  test('says nothing of whole histories, records, settings and questions about nobody', async () => {
    ledger.add('ledger.acme._tenant', { type: 'tenant', after: 0 });
    ledger.add('ledger.acme._nobody', { type: 'nobody' });
    ledger.add('ledger.acme._nobody.4x', { type: 'nobody', after: 0 });
    ledger.add('ledger.acme.ada.d1.1', { type: 'record', after: 0 });
    ledger.add(ADA, { type: 'created', after: 0 });
    ledger.add(ADA, { type: 'enrolled', after: 5 });
    await watchToTheEnd();
    expect(alarms).toEqual([]);
    expect(kept.position).toBe(6);
  });

  test('goes on after a restart where it was, and tells of an open fork again', async () => {
    forked();
    await watchToTheEnd();
    alarms.length = 0;
    ledger.reads = 0;
    now += 60_000;
    await watchToTheEnd();
    expect(alarms).toEqual([FORK]);
    expect(ledger.reads).toBe(0);
  });

  test('an account that is frozen ends the alarm', async () => {
    forked();
    ledger.add(ADA, { type: 'frozen', after: 3 });
    await watchToTheEnd();
    expect(kept.open).toEqual([]);
    alarms.length = 0;
    await watchToTheEnd();
    expect(alarms).toEqual([]);
  });

  test('an event that names no predecessor is a fork', async () => {
    ledger.add(ADA, { type: 'accepted' });
    await watchToTheEnd();
    expect(alarms[0]).toMatchObject({ sequences: [1, 1] });
  });

  test('goes over a purged prefix', async () => {
    forked();
    ledger.add(ADA, { type: 'accepted', after: 3 });
    ledger.purgeBefore(4);
    await watchToTheEnd();
    expect(kept.position).toBe(4);
    expect(alarms).toEqual([]);
  });
});
