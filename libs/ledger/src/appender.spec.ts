import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { LEDGER_STREAM, ledgerSubject, parseTenant } from '@countersign/contracts';
import { MAX_EVENT_BYTES } from '@countersign/account';
import { headers } from '@nats-io/nats-core';
import { SystemRandom, sleep } from '@countersign/runtime';
import type { Bus } from '@countersign/bus';
import { keptLog } from '@countersign/bus/testing';
import { Appender } from './appender.js';
import { StreamReader } from './stream-reader.js';
import { faults, faulty, landsLate, type FaultyBus } from './testing/faulty-bus.js';
import { RealLedger } from './testing/real-ledger.js';

const ACK_MS = 400;
let real: RealLedger;
let bus: Bus;
let reader: StreamReader;
let made = 0;
let subject: string;

beforeAll(async () => {
  real = await RealLedger.start();
  bus = await real.connect();
  reader = new StreamReader(bus, LEDGER_STREAM, ACK_MS);
});
afterAll(() => real.stop());
beforeEach(() => {
  subject = ledgerSubject(parseTenant('acme'), `account${(made += 1)}`);
});

function appenderOver(over: Bus): Appender {
  return new Appender(over, new StreamReader(over, LEDGER_STREAM, ACK_MS), new SystemRandom(), keptLog().log, ACK_MS);
}

/** The bodies on the subject, in order, each with the sequence that it says it follows. */
async function stored(of = subject): Promise<{ what: string; after: number; sequence: number }[]> {
  const found = [];
  for (let from = 1; ;) {
    const message = await reader.next(from, of);
    if (message === undefined) return found;
    found.push({ ...JSON.parse(Buffer.from(message.data).toString()), sequence: message.sequence });
    from = message.sequence + 1;
  }
}
const whats = async (): Promise<string[]> => (await stored()).map(({ what }) => what);

describe('an append', () => {
  test('is stored after the sequence it names, and says so itself', async () => {
    const appender = appenderOver(bus);
    const first = await appender.append(subject, { what: 'one' }, 0);
    const second = await appender.append(subject, { what: 'two' }, (first as { sequence: number }).sequence);
    expect([first.kind, second.kind]).toEqual(['stored', 'stored']);
    const [one, two] = await stored();
    expect(one).toMatchObject({ what: 'one', after: 0, sequence: (first as { sequence: number }).sequence });
    expect(two).toMatchObject({ what: 'two', after: one?.sequence });
  });

  test('after an older sequence is a conflict that names the last one, and nothing is stored', async () => {
    const appender = appenderOver(bus);
    const first = await appender.append(subject, { what: 'one' }, 0);
    expect(await appender.append(subject, { what: 'late' }, 0)).toEqual({
      kind: 'conflict',
      last: (first as { sequence: number }).sequence,
    });
    expect(await whats()).toEqual(['one']);
  });

  test('of more than 16 KiB is LIMIT, and of exactly so many is stored', async () => {
    const appender = appenderOver(bus);
    const empty = Buffer.byteLength(JSON.stringify({ what: '', after: 0, nonce: 'x'.repeat(12) }));
    const fits = 'x'.repeat(MAX_EVENT_BYTES - empty);
    await expect(appender.append(subject, { what: `${fits}x` }, 0)).rejects.toMatchObject({ code: 'LIMIT' });
    expect(await whats()).toEqual([]);
    expect(await appender.append(subject, { what: fits }, 0)).toMatchObject({ kind: 'stored' });
  });

  test('that NATS refuses is FORBIDDEN', async () => {
    const over = faulty(bus);
    over.appends.push(async () => ({ kind: 'refused' }));
    await expect(appenderOver(over.bus).append(subject, { what: 'one' }, 0)).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});

interface Trouble {
  what: string;
  prepare(over: FaultyBus): void | Promise<void>;
  /** what another writer does before the appender looks */
  rival?: boolean;
  outcome: 'stored' | 'conflict';
}

const rivalWrites = async (): Promise<void> => {
  await appenderOver(bus).append(subject, { what: 'rival' }, 0);
};
const troubles: Trouble[] = [
  {
    what: 'its acknowledgement is lost',
    prepare: ({ appends }) => void appends.push(faults.answerLost),
    outcome: 'stored',
  },
  {
    what: 'the connection is lost after it',
    prepare: ({ appends }) => void appends.push(faults.connectionLost),
    outcome: 'stored',
  },
  {
    what: 'its acknowledgement is nonsense',
    prepare: ({ appends }) => void appends.push(faults.nonsense),
    outcome: 'stored',
  },
  { what: 'it is lost itself', prepare: ({ appends }) => void appends.push(faults.requestLost), outcome: 'stored' },
  {
    what: 'nobody serves the stream at first',
    prepare: ({ appends }) => void appends.push(faults.noResponders, faults.noResponders),
    outcome: 'stored',
  },
  {
    what: 'acknowledgement and first look are lost',
    prepare: ({ appends, reads }) => {
      appends.push(faults.answerLost);
      reads.push(faults.requestLost, faults.noResponders);
    },
    outcome: 'stored',
  },
  {
    what: 'two acknowledgements in a row are lost, the first of an append that never arrived',
    prepare: ({ appends }) => void appends.push(faults.requestLost, faults.answerLost),
    outcome: 'stored',
  },
  {
    what: 'it is lost, and then the rights are gone for a moment',
    prepare: ({ appends }) => void appends.push(faults.answerLost, async () => ({ kind: 'refused' })),
    outcome: 'stored',
  },
  {
    what: 'it lands late, between the look and the fence',
    prepare: ({ appends }) => {
      const { fault, land } = landsLate();
      appends.push(fault, async (ask) => {
        await land();
        return ask(); // the fence conflicts with the append it fences
      });
    },
    outcome: 'stored',
  },
  {
    what: 'it lands after the fence',
    prepare: ({ appends }) => {
      const { fault, land } = landsLate();
      appends.push(fault, async (ask) => {
        const answer = await ask();
        await land();
        return answer;
      });
    },
    outcome: 'stored',
  },
  {
    what: 'it lands after the fence, whose acknowledgement is lost too',
    prepare: ({ appends }) => {
      const { fault, land } = landsLate();
      appends.push(fault, async (ask) => {
        await ask();
        await land();
        return { kind: 'timeout' };
      });
    },
    outcome: 'stored',
  },
  {
    what: 'it is lost and another writer came first',
    prepare: ({ appends }) =>
      void appends.push(async () => {
        await rivalWrites();
        return { kind: 'timeout' };
      }),
    outcome: 'conflict',
  },
  {
    what: 'it is refused after another writer, and that answer is lost',
    prepare: ({ appends }) =>
      void appends.push(async (ask) => {
        await rivalWrites();
        await ask();
        return { kind: 'timeout' };
      }),
    outcome: 'conflict',
  },
  {
    what: 'another writer comes between the look and the fence',
    prepare: ({ appends }) => {
      const { fault, land } = landsLate();
      appends.push(fault, async (ask) => {
        await rivalWrites();
        await land();
        return ask();
      });
    },
    outcome: 'conflict',
  },
  {
    what: 'another writer follows it before the look',
    prepare: ({ appends }) =>
      void appends.push(async (ask) => {
        const answer = await ask();
        if (answer.kind !== 'reply') throw new Error('not stored');
        const { seq } = JSON.parse(Buffer.from(answer.message.data).toString()) as { seq: number };
        await appenderOver(bus).append(subject, { what: 'follower' }, seq);
        return { kind: 'timeout' };
      }),
    outcome: 'stored',
  },
];

describe('an append is settled, never guessed, when', () => {
  test.each(troubles)('$what: $outcome', async ({ prepare, outcome }) => {
    const over = faulty(bus);
    await prepare(over);
    const appended = await appenderOver(over.bus).append(subject, { what: 'mine' }, 0);
    expect(appended.kind).toBe(outcome);
    const mine = (await stored()).filter(({ what }) => what === 'mine');
    expect(mine.length).toBe(outcome === 'stored' ? 1 : 0);
    if (appended.kind === 'stored') expect(mine[0]?.sequence).toBe(appended.sequence);
    const chain = await stored();
    expect(chain.map(({ after }) => after)).toEqual([0, ...chain.slice(0, -1).map(({ sequence }) => sequence)]);
  });

  test('what lies after it is no event at all', async () => {
    const over = faulty(bus);
    over.appends.push(async () => {
      await bus.ask(subject, Buffer.from('not JSON'), headers(), 1000);
      return { kind: 'timeout' };
    });
    expect((await appenderOver(over.bus).append(subject, { what: 'mine' }, 0)).kind).toBe('conflict');
  });

  test('the connection is closed for good: then nobody here can know', async () => {
    const closed = await real.connect();
    await closed.close();
    await expect(appenderOver(closed).append(subject, { what: 'mine' }, 0)).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    });
  });
});

test('unknown outcomes are counted while they are unknown', async () => {
  const over = faulty(bus);
  const { fault } = landsLate();
  over.appends.push(fault);
  let seen = 0;
  const appender = appenderOver(over.bus);
  over.reads.push(async (ask) => {
    seen = appender.unsettled;
    return ask();
  });
  await appender.append(subject, { what: 'mine' }, 0);
  expect([seen, appender.unsettled]).toEqual([1, 0]);
});

describe('while the server is', () => {
  const writers = 8;

  /** Writers that each append as fast as they can, one chain each; what they were told is held against the ledger. */
  async function underFire(fire: () => Promise<void>): Promise<void> {
    let firing = true;
    const subjects = Array.from({ length: writers }, (_, index) => `${subject}x${index}`);
    const told = subjects.map(async (mine, index) => {
      const appender = appenderOver(bus);
      const sequences: number[] = [];
      for (let number = 0; firing || number === 0; number += 1) {
        const appended = await appender.append(mine, { what: `${index}.${number}` }, sequences.at(-1) ?? 0);
        expect(appended.kind).toBe('stored'); // one writer a subject: nobody can come between
        sequences.push((appended as { sequence: number }).sequence);
      }
      return sequences;
    });
    await fire();
    firing = false;
    for (const [index, sequences] of (await Promise.all(told)).entries()) {
      const mine = subjects[index]!;
      expect((await stored(mine)).map(({ sequence }) => sequence)).toEqual(sequences);
    }
  }

  test('paused, longer than an acknowledgement is waited for: nothing is stored twice or lost', () =>
    underFire(async () => {
      await sleep(100);
      await real.nats.pause();
      await sleep(ACK_MS * 3);
      real.nats.resume();
      await sleep(100);
    }));

  test(
    'killed and started again: nothing is stored twice or lost',
    () =>
      underFire(async () => {
        for (let times = 0; times < 2; times += 1) {
          await sleep(100);
          await real.nats.kill();
          await real.nats.start();
        }
        await sleep(300);
      }),
    20_000,
  );
});

test('many writers of one account: one chain, each link told to one writer', async () => {
  const told = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const appender = appenderOver(bus);
      const mine: number[] = [];
      for (let after = 0; mine.length < 5;) {
        const appended = await appender.append(subject, { what: `${index}` }, after);
        if (appended.kind === 'stored') mine.push((after = appended.sequence));
        else after = appended.last ?? (await reader.last(subject))?.sequence ?? 0;
      }
      return mine;
    }),
  );
  const chain = await stored();
  expect(chain.map(({ sequence }) => sequence)).toEqual(told.flat().sort((a, b) => a - b));
  expect(chain.map(({ after }) => after)).toEqual([0, ...chain.slice(0, -1).map(({ sequence }) => sequence)]);
});
