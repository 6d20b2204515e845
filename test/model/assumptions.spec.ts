import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SystemClock } from '@countersign/runtime';
import { Servers } from './servers.js';
import { Stream, within } from './stream.js';

const NO_MESSAGE = 10_037;
const PATIENT = { timeoutMs: 10_000 }; // an answer that is late would be an unknown outcome
let subjects = 0;
const newSubject = (): string => `acme.account${(subjects += 1)}`;
const refused = (last: number) =>
  ({ kind: 'refused', code: 400, err_code: 10_071, description: `wrong last sequence: ${last}` }) as const;
const known = async <T>(look: () => Promise<T | 'silence'>): Promise<T> =>
  within(20_000, async () => {
    const seen = await look();
    return seen === 'silence' ? undefined : seen;
  });

const WORLDS: [string, 1 | 3][] = [
  ['one server', 1],
  ['three servers, three copies', 3],
];

describe.each(WORLDS)('%s', (_, count) => {
  let servers: Servers;
  let clients: Stream[];
  /** whoever asks, one of the servers answers it */
  let stream: Stream;

  beforeAll(async () => {
    servers = await Servers.start(count);
    clients = await Promise.all(servers.all.map(({ address }) => Stream.at(address)));
    stream = clients[0]!;
    await stream.make(count);
  });
  afterAll(async () => {
    for (const { connection } of clients) await connection.close();
    await servers.stop();
  });

  const leader = async (): Promise<number> => {
    if (count === 1) return 0;
    return within(20_000, async () => {
      const info = await stream.info();
      const index = info === 'silence' ? -1 : servers.named(info.leader);
      return index < 0 ? undefined : index;
    });
  };

  test('N1: an append after another sequence than the last is refused, and the last one is named', async () => {
    const subject = newSubject();
    expect(await stream.append(subject, 'x', 7)).toEqual(refused(0));
    const first = await stream.appended(subject, 'a');
    expect(await stream.append(subject, 'x', first + 1)).toEqual(refused(first));
    expect(await stream.append(subject, 'b', first)).toMatchObject({ kind: 'stored', seq: first + 1 });
    expect(await stream.append(subject, 'x', first)).toEqual(refused(first + 1));
  });

  test('N2: after 0 means the first of its subject', async () => {
    const subject = newSubject();
    const first = await stream.append(subject, 'a', 0);
    if (first === 'silence' || first.kind !== 'stored') throw new Error('not stored');
    expect(await stream.append(subject, 'b', 0)).toEqual(refused(first.seq));
  });

  test('N3: of many after the same sequence one is stored, whoever asks which server', async () => {
    for (let round = 0; round < 20; round += 1) {
      const subject = newSubject();
      const rivals = Array.from({ length: 24 }, (_, index) =>
        clients[index % count]!.append(subject, `${index}`, 0, PATIENT),
      );
      const told = await Promise.all(rivals);
      const stored = told.flatMap((each) => (each !== 'silence' && each.kind === 'stored' ? [each.seq] : []));
      expect(stored).toHaveLength(1);
      expect(told.filter((each) => each === 'silence' || each.kind === 'refused')).toEqual(
        Array.from({ length: 23 }, () => refused(stored[0]!)),
      );
    }
  });

  test('N4: what was refused is not stored, and an acknowledgement names the place of these very bytes', async () => {
    const subject = newSubject();
    const first = await stream.appended(subject, 'a');
    await stream.append(subject, 'refused', 0);
    expect(await stream.lastSequence()).toBe(first);
    expect(await stream.at(first)).toEqual({ subject, seq: first, text: 'a' });
    const second = await stream.appended(newSubject(), 'b');
    expect(second).toBe(first + 1);
  });

  test('N5: the last of a subject, and the first of a subject from a sequence on', async () => {
    const [subject, other] = [newSubject(), newSubject()];
    const first = await stream.appended(subject, 'a');
    await stream.appended(other, 'between');
    const second = await stream.appended(subject, 'b', first);
    expect(await stream.last(subject)).toEqual({ subject, seq: second, text: 'b' });
    expect(await stream.next(first, subject)).toEqual({ subject, seq: first, text: 'a' });
    expect(await stream.next(first + 1, subject)).toEqual({ subject, seq: second, text: 'b' });
    expect(await stream.next(second + 1, subject)).toBe(NO_MESSAGE);
    expect(await stream.last(newSubject())).toBe(NO_MESSAGE);
    expect(await stream.at(second + 1000)).toBe(NO_MESSAGE);
  });

  test('N6: STREAM.INFO tells the time, and an identity that stays', async () => {
    const clock = new SystemClock();
    const before = clock.now();
    const info = await known(() => stream.info());
    expect(Date.parse(info.ts)).toBeGreaterThanOrEqual(before - 1);
    expect(Date.parse(info.ts)).toBeLessThanOrEqual(clock.now() + 1);
    expect(Date.parse(info.created)).toBeLessThan(before);
    expect(await stream.info()).toMatchObject({ created: info.created });
  });

  test('N7: what a message id names is the whole stream: on another subject it is a duplicate, and not stored', async () => {
    const [subject, other] = [newSubject(), newSubject()];
    const told = await stream.append(subject, 'a', 0, { messageId: subject });
    expect(await stream.append(other, 'b', 0, { messageId: subject })).toMatchObject({
      ...(told as object),
      duplicate: true,
    });
    expect(await stream.last(other)).toBe(NO_MESSAGE);
  });

  test('N8: an append through a paused server may be stored after nobody waits for it any more', async () => {
    const subject = newSubject();
    const paused = await leader();
    await servers.all[paused]!.pause();
    expect(await clients[paused]!.append(subject, 'late', 0, { timeoutMs: 200 })).toBe('silence');
    servers.all[paused]!.resume();
    const found = await within(20_000, async () => {
      const last = await stream.last(subject);
      return typeof last === 'object' ? last : undefined;
    });
    expect(found).toMatchObject({ text: 'late' });
  });

  test('N9: what was acknowledged is there after kill -9 of every server, and so is the identity', async () => {
    const { created } = await known(() => stream.info());
    const acknowledged = new Map<number, string>();
    let running = true;
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let number = 0; running; number += 1) {
        const text = `${writer}/${number}`;
        const told = await stream.append(newSubject(), text, 0, { timeoutMs: 300 });
        if (told === 'silence' || told.kind !== 'stored') continue;
        expect(acknowledged.get(told.seq)).toBeUndefined(); // a place is one message's
        acknowledged.set(told.seq, text);
      }
    });
    await within(10_000, async () => (acknowledged.size > 200 ? true : undefined));
    await servers.killAll();
    running = false;
    await Promise.all(writers);
    await servers.startAll();
    // a server whose peers are not back yet may tell when it made its own copy
    await within(20_000, async () => {
      const info = await stream.info();
      return (info !== 'silence' && info.created === created) || undefined;
    });
    for (const [seq, text] of acknowledged) {
      // who leads since a moment ago may not have gone through its log yet
      const there = await within(20_000, async () => {
        const told = await stream.at(seq);
        return typeof told === 'object' ? told : undefined;
      });
      expect(there).toMatchObject({ seq, text });
    }
  });

  if (count === 1) return;

  test('N10: a leader that is cut off still answers reads, from the past, and its appends are not acknowledged', async () => {
    const subject = newSubject();
    const first = await stream.appended(subject, 'a');
    // one that does not lead the servers too may find out before the others have another leader, and say nothing
    const old = await within(30_000, async () => {
      const both = await leader();
      if (both === (await servers.metaLeader())) return both;
      await stream.stepDown();
      await within(20_000, async () => ((await leader()) === both ? undefined : true)).catch(() => undefined);
      return undefined;
    });
    const other = clients[(old + 1) % count]!;
    servers.isolate(old);
    const lost = clients[old]!.append(subject, 'never', first, { timeoutMs: 300 });
    const second = await other.appended(subject, 'b', first);
    expect(await lost).toBe('silence');
    expect(await clients[old]!.last(subject)).toEqual({ subject, seq: first, text: 'a' });
    servers.join();
    const last = { subject, seq: second, text: 'b' };
    await within(30_000, async () => isDeepStrictEqual(await clients[old]!.last(subject), last) || undefined);
    expect(await known(() => other.next(first + 1, subject))).toEqual(last);
    expect(await known(() => other.next(second + 1, subject))).toBe(NO_MESSAGE);
  }, 120_000);
});
