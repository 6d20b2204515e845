import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createDecipheriv, createHmac } from 'node:crypto';
import { headers } from '@nats-io/nats-core';
import {
  DIRECTORY_STREAM,
  directorySubject,
  parseAccountId,
  parseTenant,
  type AccountId,
} from '@countersign/contracts';
import { Secret, SystemRandom } from '@countersign/runtime';
import type { Bus } from '@countersign/bus';
import { StreamReader } from '../stream-reader.js';
import { faults, faulty } from '../testing/faulty-bus.js';
import { RealLedger } from '../testing/real-ledger.js';
import { Directory } from './directory.js';

const ACME = parseTenant('acme');
const BETA = parseTenant('beta');
const INDEX = Buffer.alloc(32, 7);
const NAMES = Buffer.alloc(32, 9);
let real: RealLedger;
let bus: Bus;
let made = 0;
let name: string;

beforeAll(async () => {
  real = await RealLedger.start();
  bus = await real.connect();
});
afterAll(() => real.stop());
beforeEach(() => {
  name = `ada-${(made += 1)}`;
});

const directory = (over = bus, names = NAMES, index = INDEX): Directory =>
  new Directory({ bus: over, random: new SystemRandom(), index: new Secret(index), names: new Secret(names) });
const idOf = (letter: string): AccountId => parseAccountId(letter.repeat(20));

/** As an operator erases it: a KV tombstone in place of the entry. */
async function erase(key: string): Promise<void> {
  const lines = headers();
  lines.set('KV-Operation', 'DEL');
  await bus.ask(directorySubject(key), Buffer.alloc(0), lines, 2000);
}

test('a name is found once it is bound, in its own tenant only', async () => {
  const one = directory();
  expect(await one.find(ACME, name)).toBeUndefined();
  const bound = await one.bind(ACME, name, idOf('a'));
  expect(bound.id).toBe(idOf('a'));
  expect(await one.find(ACME, name)).toEqual(bound);
  expect(await one.find(BETA, name)).toBeUndefined();
});

test('names that differ at all are different names here: one form is made before', async () => {
  const one = directory();
  await one.bind(ACME, name, idOf('a'));
  for (const other of [name.toUpperCase(), `${name} `, `${name}\u200b`])
    expect(await one.find(ACME, other)).toBeUndefined();
});

test('of many who bind one name at once, one gets it and all are told who', async () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(idOf);
  const told = await Promise.all(ids.map((id) => directory().bind(ACME, name, id)));
  const winner = (await directory().find(ACME, name))?.id;
  expect(ids).toContain(winner);
  expect(new Set(told.map(({ id }) => id))).toEqual(new Set([winner]));
});

test('the same id may be bound again and by several names', async () => {
  const one = directory();
  const bound = await one.bind(ACME, name, idOf('a'));
  expect(await one.bind(ACME, name, idOf('a'))).toEqual(bound);
  expect((await one.bind(ACME, `${name}-too`, idOf('a'))).id).toBe(idOf('a'));
});

describe('a binding is known whatever became of the answer:', () => {
  test.each([
    ['it was lost', faults.answerLost],
    ['the request was lost', faults.requestLost],
    ['the connection was lost', faults.connectionLost],
    ['nobody served the directory', faults.noResponders],
  ])('%s', async (_what, fault) => {
    const over = faulty(bus);
    over.appends.push(fault);
    const bound = await directory(over.bus).bind(ACME, name, idOf('a'));
    expect(await directory().find(ACME, name)).toEqual(bound);
  });

  test('somebody was faster than a request that was lost', async () => {
    const over = faulty(bus);
    over.appends.push(async () => {
      await directory().bind(ACME, name, idOf('b'));
      return { kind: 'timeout' };
    });
    expect((await directory(over.bus).bind(ACME, name, idOf('a'))).id).toBe(idOf('b'));
  });

  test('NATS refuses: FORBIDDEN, and no directory at all: UNAVAILABLE', async () => {
    const over = faulty(bus);
    over.appends.push(async () => ({ kind: 'refused' }));
    await expect(directory(over.bus).bind(ACME, name, idOf('a'))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    over.appends.push(...Array.from({ length: 5 }, () => faults.requestLost));
    await expect(directory(over.bus).bind(ACME, name, idOf('a'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await directory().find(ACME, name)).toBeUndefined();
  });
});

describe('replacing', () => {
  test('moves a name from the binding that was found', async () => {
    const one = directory();
    const before = await one.bind(ACME, name, idOf('a'));
    expect((await one.bind(ACME, name, idOf('b'), before)).id).toBe(idOf('b'));
    expect((await one.find(ACME, name))?.id).toBe(idOf('b'));
  });

  test('does nothing when the name has moved since', async () => {
    const one = directory();
    const before = await one.bind(ACME, name, idOf('a'));
    await one.bind(ACME, name, idOf('b'), before);
    expect((await one.bind(ACME, name, idOf('c'), before)).id).toBe(idOf('b'));
    expect((await one.find(ACME, name))?.id).toBe(idOf('b'));
  });

  test('by two at once moves it once', async () => {
    const before = await directory().bind(ACME, name, idOf('a'));
    const told = await Promise.all(['b', 'c'].map((id) => directory().bind(ACME, name, idOf(id), before)));
    const now = (await directory().find(ACME, name))?.id;
    expect(told.map(({ id }) => id)).toEqual([now, now]);
  });
});

describe('an erased name', () => {
  test('is nobody`s, and may be bound again', async () => {
    const one = directory();
    const before = await one.bind(ACME, name, idOf('a'));
    await erase(one.key(ACME, name));
    expect(await one.find(ACME, name)).toBeUndefined();
    expect(await one.nameAt(ACME, name)).toBeUndefined();
    const again = await one.bind(ACME, name, idOf('b'));
    expect(again.sequence).toBeGreaterThan(before.sequence);
    expect(await one.find(ACME, name)).toEqual(again);
  });

  test('bound by two at once after it was erased goes to one', async () => {
    const one = directory();
    await one.bind(ACME, name, idOf('a'));
    await erase(one.key(ACME, name));
    const told = await Promise.all(['b', 'c'].map((id) => directory().bind(ACME, name, idOf(id))));
    expect(told[0]).toEqual(told[1]);
  });
});

describe('erasing', () => {
  test('frees a name that is bound as it was found, and asks twice when an answer is lost', async () => {
    const before = await directory().bind(ACME, name, idOf('a'));
    const over = faulty(bus);
    over.appends.push(faults.answerLost);
    await directory(over.bus).erase(ACME, name, before);
    expect(await directory().find(ACME, name)).toBeUndefined();
    expect((await directory().bind(ACME, name, idOf('b'))).id).toBe(idOf('b'));
  });

  test('leaves a name that was bound anew since', async () => {
    const before = await directory().bind(ACME, name, idOf('a'));
    const now = await directory().bind(ACME, name, idOf('b'), before);
    await directory().erase(ACME, name, before);
    expect(await directory().find(ACME, name)).toEqual(now);
  });
});

describe('what lies in the store', () => {
  test('is found by an HMAC of tenant and name, and holds the name only encrypted, each time anew', async () => {
    const one = directory();
    const key = one.key(ACME, name);
    expect(key).toBe(createHmac('sha256', INDEX).update(`acme\0${name}`).digest('base64url'));
    const before = await one.bind(ACME, name, idOf('a'));
    const reader = new StreamReader(bus, DIRECTORY_STREAM);
    const first = (await reader.last(directorySubject(key)))!;
    expect(`${first.subject}${Buffer.from(first.data).toString()}`).not.toContain(name);
    await one.bind(ACME, name, idOf('b'), before);
    const second = (await reader.last(directorySubject(key)))!;
    const sealed = (data: Uint8Array): string => (JSON.parse(Buffer.from(data).toString()) as { name: string }).name;
    expect(sealed(second.data)).not.toBe(sealed(first.data));

    const bytes = Buffer.from(sealed(second.data), 'base64url'); // opened without the code under test
    const decipher = createDecipheriv('aes-256-gcm', NAMES, bytes.subarray(0, 12)).setAAD(Buffer.from(key));
    decipher.setAuthTag(bytes.subarray(-16));
    expect(Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString()).toBe(name);
    expect(await one.nameAt(ACME, name)).toBe(name);
  });

  test('opens under its own secret and in its own place only', async () => {
    const one = directory();
    await one.bind(ACME, name, idOf('a'));
    await expect(directory(bus, Buffer.alloc(32, 1)).nameAt(ACME, name)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const reader = new StreamReader(bus, DIRECTORY_STREAM);
    const { data } = (await reader.last(directorySubject(one.key(ACME, name))))!;
    await bus.ask(directorySubject(one.key(ACME, `${name}-copy`)), data, headers(), 2000);
    await expect(one.nameAt(ACME, `${name}-copy`)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('is not found under another index secret', async () => {
    await directory().bind(ACME, name, idOf('a'));
    expect(await directory(bus, NAMES, Buffer.alloc(32, 8)).find(ACME, name)).toBeUndefined();
  });

  test('a directory without the secret for names finds, and reads or writes none', async () => {
    const finder = new Directory({ bus, random: new SystemRandom(), index: new Secret(INDEX) });
    await directory().bind(ACME, name, idOf('a'));
    expect((await finder.find(ACME, name))?.id).toBe(idOf('a'));
    await expect(finder.nameAt(ACME, name)).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(finder.bind(ACME, `${name}-new`, idOf('a'))).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
