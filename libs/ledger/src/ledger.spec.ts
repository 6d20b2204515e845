import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { headers } from '@nats-io/nats-core';
import { ledgerSubject, parseAccountId, parseDeviceId, parseTenant, type AccountId } from '@countersign/contracts';
import { created, enrolled, frozen, newAccount, type AccountEvent, type DeviceRecord } from '@countersign/account';
import { SystemClock, SystemRandom, randomId, sleep } from '@countersign/runtime';
import { keptLog } from '@countersign/bus/testing';
import type { Bus } from '@countersign/bus';
import { Tenants } from './directory/tenants.js';
import { Ledger, inTime } from './ledger.js';
import { faults, faulty, landsLate } from './testing/faulty-bus.js';
import { RealLedger } from './testing/real-ledger.js';

const ACME = parseTenant('acme');
const DEVICE = parseDeviceId('0123456789ab');
const NOW = 1_800_000_000_000;
const AN_HOUR = { remainingMs: () => 3_600_000 };
const random = new SystemRandom();
let real: RealLedger;
let bus: Bus;
let id: AccountId;
let made = 0;
const opened: Ledger[] = [];

beforeAll(async () => {
  real = await RealLedger.start();
  bus = await real.connect();
});
beforeEach(() => {
  id = parseAccountId(randomId(random, 20));
});
afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
});
afterAll(() => real.stop());

async function open(over = bus, clock = new SystemClock()): Promise<Ledger> {
  const highWaterFile = join(real.folder, `mark-${(made += 1)}.json`);
  const ledger = await Ledger.open({ bus: over, clock, random, log: keptLog().log, highWaterFile });
  opened.push(ledger);
  return ledger;
}

const birth = (by = 'test'): AccountEvent => created({ by, at: NOW });
const freeze = (by: string) => (standing: Parameters<typeof frozen>[0]) => frozen(standing, [1, 2], { by, at: NOW });
const raiseNames = (standing: { state: ReturnType<typeof newAccount> }): AccountEvent => ({
  ...birth(),
  state: { ...standing.state, names: standing.state.names + 1 },
});
const record = (): Omit<DeviceRecord, 'nonce'> => ({
  type: 'record',
  v: 1,
  device: DEVICE,
  epoch: 1,
  method: 'exchange',
  profile: { type: 'totp', algorithm: 'SHA1', digits: 6, stepSeconds: 30, t0Seconds: 0, counter: 0 },
  reference: 'r',
  at: NOW,
  by: 'test',
});

describe('an account', () => {
  test('is what its last event says, with the sequence and the moment it was asked for', async () => {
    const ledger = await open(bus, new SystemClock(1000));
    expect(await ledger.account(ACME, id)).toBeUndefined();
    const before = new SystemClock(1000).now();
    const appended = await ledger.append(ACME, id, birth(), 0);
    const reading = await ledger.account(ACME, id);
    expect(reading).toMatchObject({ state: newAccount(), sequence: (appended as { sequence: number }).sequence });
    expect(reading?.event).toMatchObject({ type: 'created', after: 0 });
    expect(reading!.readAt).toBeGreaterThanOrEqual(before);
  });

  test('read at the sequence that a conflict named may have moved on: its moment is 0', async () => {
    const ledger = await open();
    await ledger.append(ACME, id, birth(), 0);
    const conflict = await ledger.append(ACME, id, birth('rival'), 0);
    expect(conflict.kind).toBe('conflict');
    const named = await ledger.accountAt(ACME, id, (conflict as { last: number }).last);
    expect(named).toMatchObject({ readAt: 0, event: { by: 'test' } });
    const another = parseAccountId(randomId(random, 20));
    expect(await ledger.accountAt(ACME, another, (conflict as { last: number }).last)).toBeUndefined();
  });

  test.each([
    ['of a newer version', JSON.stringify({ type: 'created', after: 0, state: { v: 2, devices: [] } })],
    ['without a state', JSON.stringify({ type: 'created', after: 0 })],
    ['that is not JSON', 'oops'],
  ])('whose last event is one %s is UNAVAILABLE, and nothing is appended', async (_what, text) => {
    const ledger = await open();
    await bus.ask(ledgerSubject(ACME, id), Buffer.from(text), headers(), 2000);
    const last = await ledger.lastSequence();
    await expect(ledger.account(ACME, id)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(ledger.update(ACME, id, raiseNames, AN_HOUR)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await ledger.lastSequence()).toBe(last);
  });
});

describe('a change', () => {
  test('of no account is NOT_FOUND, and one that changes nothing appends nothing', async () => {
    const ledger = await open();
    await expect(ledger.update(ACME, id, freeze('a'), AN_HOUR)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await ledger.append(ACME, id, birth(), 0);
    const first = await ledger.update(ACME, id, freeze('a'), AN_HOUR);
    expect(await ledger.update(ACME, id, freeze('b'), AN_HOUR)).toMatchObject({ sequence: first.sequence });
  });

  test('is made again from what came between, so that no change is lost', async () => {
    const ledgers = [await open(), await open()];
    await ledgers[0]!.append(ACME, id, birth(), 0);
    const told = await Promise.all([0, 1, 0, 1].map((index) => ledgers[index]!.update(ACME, id, raiseNames, AN_HOUR)));
    expect((await ledgers[0]!.account(ACME, id))?.state.names).toBe(5);
    expect(told.map(({ state }) => state.names).sort()).toEqual([2, 3, 4, 5]);
  });

  test('that always meets another is UNAVAILABLE, with nothing done', async () => {
    const ledger = await open();
    await ledger.append(ACME, id, birth(), 0);
    const over = faulty(bus);
    const unlucky = await open(over.bus);
    const rival = async (ask: () => ReturnType<Bus['ask']>): ReturnType<Bus['ask']> => {
      await ledger.update(ACME, id, raiseNames, AN_HOUR);
      return ask();
    };
    over.appends.push(rival, rival, rival, rival, rival);
    await expect(unlucky.update(ACME, id, freeze('unlucky'), AN_HOUR)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await ledger.account(ACME, id))?.state).toMatchObject({ names: 6 });
    expect((await ledger.account(ACME, id))?.state.frozen).toBeUndefined();
  });

  test('is OUTCOME_UNKNOWN when nobody waits any longer, and is settled all the same', async () => {
    const over = faulty(bus);
    const ledger = await open(over.bus);
    await ledger.append(ACME, id, birth(), 0);
    const { fault, land } = landsLate();
    over.appends.push(async (ask) => {
      await sleep(150);
      return fault(ask);
    });
    const soon = performance.now() + 100;
    const waiting = { remainingMs: () => Math.max(0, soon - performance.now()) };
    await expect(ledger.update(ACME, id, freeze('late'), waiting)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await land();
    while ((await ledger.account(ACME, id))?.state.frozen !== true) await sleep(5);
  });
});

describe('a key`s record', () => {
  test('is written once and for ever, and read by the sequence that a state names', async () => {
    const ledger = await open();
    const sequence = await ledger.writeRecord(ACME, id, record());
    expect(await ledger.record(sequence)).toMatchObject(record());
    await expect(ledger.writeRecord(ACME, id, { ...record(), reference: 'another' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    const standing = { state: newAccount(), sequence: 1 };
    const device = { id: DEVICE, type: 'totp', epoch: 1, record: sequence, floor: 0, namedOnly: false } as const;
    const event = enrolled(standing, device, { by: 'test', at: NOW });
    expect(event.state.devices[0]?.record).toBe(sequence);
  });

  test('is stored though its acknowledgement was lost', async () => {
    const over = faulty(bus);
    const ledger = await open(over.bus);
    over.appends.push(faults.answerLost);
    expect(await ledger.record(await ledger.writeRecord(ACME, id, record()))).toMatchObject(record());
  });

  test('that is not there, or is of a newer version, is UNAVAILABLE', async () => {
    const ledger = await open();
    await expect(ledger.record(1_000_000)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const sequence = await ledger.writeRecord(ACME, id, { ...record(), v: 2 });
    await expect(ledger.record(sequence)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

test('a question about an unknown name carries no state, follows the one before it, and is remembered as seen', async () => {
  const ledger = await open();
  const ask = (at: number): Promise<number> => ledger.nobody(ACME, { type: 'nobody', at, by: 'test' });
  const [one, two] = [await ask(1), await ask(2)];
  const text = Buffer.from((await ledger.at(two))!.data).toString();
  expect(JSON.parse(text)).toEqual({ type: 'nobody', at: 2, by: 'test', after: one, nonce: expect.any(String) });
  await ledger.close();
  expect(JSON.parse(readFileSync(join(real.folder, `mark-${made}.json`), 'utf8'))).toMatchObject({ sequence: two });
});

describe('while premises do not hold nothing is appended:', () => {
  test('a clock that is an hour ahead', async () => {
    const ledger = await open(bus, new SystemClock(3_600_000));
    const last = await ledger.lastSequence();
    await expect(ledger.append(ACME, id, birth(), 0)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(ledger.writeRecord(ACME, id, record())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(ledger.nobody(ACME, { type: 'nobody', at: NOW, by: 'test' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(await ledger.lastSequence()).toBe(last);
  });

  test('too many appends wait for their acknowledgement', async () => {
    const over = faulty(bus);
    const ledger = await open(over.bus);
    let answering = false;
    const silent = async (ask: () => ReturnType<Bus['ask']>): ReturnType<Bus['ask']> =>
      answering ? ask() : { kind: 'timeout' };
    over.appends.push(...Array.from({ length: 1000 }, () => silent));
    over.reads.push(...Array.from({ length: 100_000 }, () => silent));
    const ids = Array.from({ length: 1000 }, () => parseAccountId(randomId(random, 20)));
    const appends = ids.map((each) => ledger.append(ACME, each, birth(), 0));
    await sleep(0);
    expect(() => ledger.assertUsable()).toThrow('too many appends wait');
    await expect(ledger.append(ACME, id, birth(), 0)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    answering = true;
    expect(new Set((await Promise.all(appends)).map(({ kind }) => kind))).toEqual(new Set(['stored']));
    ledger.assertUsable();
  });
});

describe('a tenant', () => {
  const settings = (names: string): Buffer => Buffer.from(JSON.stringify({ type: 'tenant', v: 1, names, at: NOW }));
  test('has the names rule that the ledger says, believed for 5 s, also when the clock goes back', async () => {
    const tenant = parseTenant(`t${made}`);
    const time = { now: NOW };
    const ledger = await open();
    const tenants = new Tenants(ledger, { now: () => time.now });
    await expect(tenants.settings(tenant)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await bus.ask(ledgerSubject(tenant, '_tenant'), settings('fold'), headers(), 2000);
    expect(await tenants.canonicalName(tenant, 'ADA')).toBe('ada');
    await bus.ask(ledgerSubject(tenant, '_tenant'), settings('exact'), headers(), 2000);
    time.now += 4_999;
    expect(await tenants.canonicalName(tenant, 'ADA')).toBe('ada');
    time.now += 1;
    expect(await tenants.canonicalName(tenant, 'ADA')).toBe('ADA');
    await bus.ask(ledgerSubject(tenant, '_tenant'), settings('fold'), headers(), 2000);
    time.now -= 3_600_000;
    expect(await tenants.canonicalName(tenant, 'ADA')).toBe('ada');
  });
});

test('work that ends in time is its own answer, and what fails later is nobody`s problem', async () => {
  expect(await inTime(Promise.resolve('done'), { remainingMs: () => 0 })).toBe('done');
  await expect(inTime(Promise.reject(new Error('no')), AN_HOUR)).rejects.toThrow('no');
  const late = inTime(
    sleep(30).then(() => Promise.reject(new Error('late'))),
    { remainingMs: () => 1 },
  );
  await expect(late).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  await sleep(50); // an unhandled rejection would end this process
});
