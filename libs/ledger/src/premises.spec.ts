import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { LEDGER_STREAM, ledgerSubject, parseTenant } from '@countersign/contracts';
import { SystemClock, SystemRandom } from '@countersign/runtime';
import { keptLog, until } from '@countersign/bus/testing';
import type { Bus } from '@countersign/bus';
import { Appender } from './appender.js';
import { HighWater } from './high-water.js';
import { Premises, clockFailure, releaseFailure } from './premises.js';
import { StreamReader, type StreamInfo } from './stream-reader.js';
import { RealLedger } from './testing/real-ledger.js';

describe('the release', () => {
  test.each([
    ['2.9.10', 1, true],
    ['2.9.10', 3, false],
    ['2.10.22', 3, false],
    ['2.10.23-RC.1', 3, true], // a candidate of it has the comparison already
    ['2.10.23', 3, true],
    ['2.10.27', 5, true],
    ['2.11.0', 3, true],
    ['3.0.0', 3, true],
    ['1.99.99', 3, false],
    ['0', 3, false],
    ['nonsense', 3, false],
  ])('%s with %i replicas: usable %s', (version, replicas, usable) => {
    const failure = releaseFailure(version, replicas);
    expect(failure === undefined).toBe(usable);
    if (failure) expect(failure.code).toBe('UNAVAILABLE');
  });
});

describe('the clock', () => {
  const asked = 1_000_000;
  test.each([
    { what: 'the same', server: asked + 10, back: asked + 20, usable: true },
    { what: '5 s ahead', server: asked - 4_990, back: asked + 20, usable: true },
    { what: 'more than 5 s ahead', server: asked - 5_021, back: asked + 20, usable: false },
    { what: 'more than 5 s behind', server: asked + 5_041, back: asked + 20, usable: false },
    {
      what: '6 s behind, with an answer that took 2 s and so may be wrong by 1 s',
      server: asked + 7_000,
      back: asked + 2_000,
      usable: true,
    },
    { what: '6.1 s behind with that answer', server: asked + 7_100, back: asked + 2_000, usable: false },
    { what: 'not told', server: undefined, back: asked, usable: false },
  ])('$what: usable $usable', ({ server, back, usable }) => {
    expect(clockFailure(server, asked, back)?.code).toBe(usable ? undefined : 'UNAVAILABLE');
  });
});

describe('judged by what the server says', () => {
  const opened: { close(): void | Promise<void> }[] = [];
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'high-water-'));
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function under(last: StreamInfo, time = { monotonicMs: 1_000, wallMs: 1_700_000_000_000 }) {
    const { log, lines } = keptLog();
    const file = join(folder, 'mark.json');
    const highWater = new HighWater(file, log);
    const info = jest.fn(async (): Promise<StreamInfo> => ({ ...last, serverTime: time.wallMs }));
    let reconnected = (): Promise<void> => Promise.resolve();
    const bus = {
      connection: { info: { version: '2.10.27' } },
      onReconnect: (hook: () => Promise<void>) => {
        reconnected = hook;
        return () => undefined;
      },
    } as unknown as Bus;
    const reader = { info } as unknown as StreamReader;
    const clock = { now: () => time.wallMs };
    const premises = new Premises(bus, reader, highWater, clock, log, () => time.monotonicMs);
    opened.push(highWater, premises);
    const says = (): string => {
      try {
        premises.assert();
        return 'usable';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const pass = (ms: number): void => {
      time.monotonicMs += ms;
      time.wallMs += ms;
    };
    return { premises, highWater, info, says, pass, time, lines, file, reconnect: () => reconnected() };
  }
  const at = (lastSequence: number, created = 'then'): StreamInfo => ({
    created,
    lastSequence,
    firstSequence: 1,
    replicas: 1,
  });

  test('nothing is usable before the first look', async () => {
    const { says, premises } = under(at(0));
    expect(says()).toBe('UNAVAILABLE');
    await premises.check();
    expect(says()).toBe('usable');
  });

  test('unmeasured for 15 s is unusable, whatever was seen last', async () => {
    const { says, premises, pass, info } = under(at(0));
    await premises.check();
    info.mockRejectedValue(new Error('no answer'));
    pass(15_000);
    await premises.check();
    expect(says()).toBe('usable');
    pass(1);
    expect(says()).toBe('UNAVAILABLE');
  });

  test('a clock that somebody sets is unusable at once, until it is measured again', async () => {
    const { says, premises, time } = under(at(0));
    await premises.check();
    time.wallMs -= 3_600_000;
    expect(says()).toBe('UNAVAILABLE');
    await premises.check(); // the server's clock agrees in this test
    expect(says()).toBe('usable');
  });

  test('a shifted clock is unusable', async () => {
    const { says, premises, info, time } = under(at(0));
    info.mockImplementation(async () => ({ ...at(0), serverTime: time.wallMs + 6_000 }));
    await premises.check();
    expect(says()).toBe('UNAVAILABLE');
  });

  test('a ledger that ends before what was seen: UNAVAILABLE at once, ROLLBACK after 30 s, usable when it is back', async () => {
    const { says, premises, highWater, info, pass, time, lines } = under(at(100));
    await premises.check();
    highWater.saw(120);
    info.mockImplementation(async () => ({ ...at(119), serverTime: time.wallMs }));
    await premises.check();
    expect(says()).toBe('UNAVAILABLE');
    pass(29_999);
    await premises.check();
    expect(says()).toBe('UNAVAILABLE');
    pass(1);
    await premises.check();
    expect(says()).toBe('ROLLBACK');
    expect(lines.filter(({ code }) => code === 'ROLLBACK')).toHaveLength(1);
    info.mockImplementation(async () => ({ ...at(120), serverTime: time.wallMs }));
    await premises.check();
    expect(says()).toBe('usable');
    info.mockImplementation(async () => ({ ...at(119), serverTime: time.wallMs }));
    await premises.check();
    expect(says()).toBe('UNAVAILABLE'); // the 30 s begin anew
  });

  test('a ledger made anew is never usable, however long it grows', async () => {
    const { says, premises, info, time } = under(at(100));
    await premises.check();
    info.mockImplementation(async () => ({ ...at(1_000, 'later'), serverTime: time.wallMs }));
    await premises.check();
    expect(says()).toBe('UNAVAILABLE');
  });

  test('what is appended while the answer is on its way need not be in it', async () => {
    const { says, premises, highWater, info, time } = under(at(100));
    await premises.check();
    info.mockImplementation(async () => {
      highWater.saw(101);
      return { ...at(100), serverTime: time.wallMs };
    });
    await premises.check();
    expect(says()).toBe('usable');
  });

  test('after a reconnection nothing is usable until the ledger was looked at', async () => {
    const { says, premises, reconnect } = under(at(100));
    await premises.check();
    const looked = reconnect();
    expect(says()).toBe('UNAVAILABLE');
    await looked;
    expect(says()).toBe('usable');
  });

  test('of two looks that cross only the later one counts', async () => {
    const { says, premises, info, time } = under(at(100));
    await premises.check();
    let answer: (info: StreamInfo) => void = () => undefined;
    info.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
    const first = premises.check();
    await premises.check();
    answer({ ...at(50), serverTime: time.wallMs });
    await first;
    expect(says()).toBe('usable');
  });

  test('what was seen outlives the process, also what was seen while the file was being written', async () => {
    const { premises, highWater, file } = under(at(100));
    await premises.check();
    const closing = highWater.close();
    highWater.saw(150);
    await closing;
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ created: 'then', sequence: 100 });
    await highWater.close();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ created: 'then', sequence: 150 });
    const again = under(at(149));
    await again.premises.check();
    expect(again.says()).toBe('UNAVAILABLE');
  });

  test.each(['', '{', 'null', '{"created":1,"sequence":2}', '{"created":"then"}'])(
    'a high-water file that holds %j ends the start, naming the file',
    (text) => {
      writeFileSync(join(folder, 'mark.json'), text);
      expect(() => under(at(0))).toThrow(/mark\.json is not a high-water file/);
    },
  );
});

describe('on a real server', () => {
  let real: RealLedger;
  const opened: { close(): void | Promise<void> }[] = [];
  beforeAll(async () => {
    real = await RealLedger.start();
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });
  afterAll(() => real.stop());

  async function over(bus: Bus, file: string, clock = new SystemClock()) {
    const { log } = keptLog();
    const reader = new StreamReader(bus, LEDGER_STREAM);
    const highWater = new HighWater(join(real.folder, file), log);
    const time = { aheadMs: 0 };
    const premises = new Premises(bus, reader, highWater, clock, log, () => performance.now() + time.aheadMs);
    opened.push(premises, highWater);
    await premises.check();
    const says = (): string => {
      try {
        premises.assert();
        return 'usable';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    return { premises, highWater, time, says };
  }

  test.each([
    [0, 'usable'],
    [4_000, 'usable'],
    [6_500, 'UNAVAILABLE'],
    [-6_500, 'UNAVAILABLE'],
  ])('a clock shifted by %i ms: %s', async (offsetMs, expected) => {
    const { says } = await over(await real.connect(), 'clock.json', new SystemClock(offsetMs));
    expect(says()).toBe(expected);
  });

  test('an older copy of the store is noticed at the reconnection, and is ROLLBACK after 30 s; so is an empty one', async () => {
    const bus = await real.connect();
    const appender = new Appender(bus, new StreamReader(bus, LEDGER_STREAM), new SystemRandom(), keptLog().log);
    const subject = ledgerSubject(parseTenant('acme'), 'someone');
    const write = (after: number) => appender.append(subject, { what: 'something' }, after);
    expect(await write(0)).toEqual({ kind: 'stored', sequence: 1 });
    await real.nats.kill();
    real.keepStore('older');
    await real.nats.start();
    await until('connected again', () => bus.connected);

    const { premises, highWater, time, says } = await over(bus, 'rollback.json');
    const second = await write(1);
    expect(second).toEqual({ kind: 'stored', sequence: 2 });
    highWater.saw(2);
    await premises.check();
    expect(says()).toBe('usable');

    await real.nats.kill();
    real.keepStore('whole');
    real.restoreStore('older');
    await real.nats.start();
    await until('it is noticed', () => says() === 'UNAVAILABLE' && bus.connected);
    await premises.check();
    expect(says()).toBe('UNAVAILABLE');
    time.aheadMs += 30_000;
    await premises.check();
    expect(says()).toBe('ROLLBACK');

    await real.nats.kill();
    real.restoreStore('whole');
    await real.nats.start();
    await until('it is back', () => says() === 'usable');

    await real.nats.kill();
    real.loseStore();
    await real.nats.start();
    await real.makeStreams();
    await until('connected again', () => bus.connected);
    await premises.check();
    expect(says()).toBe('UNAVAILABLE');
    for (let after = 0; after < 5;) after = ((await write(after)) as { sequence: number }).sequence;
    await premises.check();
    expect(says()).not.toBe('usable'); // longer than what was seen, and another one all the same
  });
});
