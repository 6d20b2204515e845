import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseAccountId, parseTenant, type AccountId } from '@countersign/contracts';
import { newAccount, type Standing } from '@countersign/account';
import type { Directory, Tenants } from '@countersign/ledger';
import { LRUCache } from 'lru-cache';
import type { AccountParts } from './account-place.js';
import { PlaceFinder, type Found, type Remembered } from './find-place.js';
import { NobodyPlace, type NobodyParts } from './nobody-place.js';
import type { Reading } from './place.js';

const acme = parseTenant('acme');
const ADA = parseAccountId('a'.repeat(20));
const BOB = parseAccountId('b'.repeat(20));
let leadsTo: AccountId | undefined;
let reads: number;
let shadows: LRUCache<string, Standing>;
let finder: PlaceFinder;

beforeEach(() => {
  leadsTo = ADA;
  reads = 0;
  const directory = {
    key: (tenant: string, name: string) => `${tenant}/${name}`,
    find: async () => {
      reads += 1;
      return leadsTo && { id: leadsTo, sequence: 1 };
    },
  } as unknown as Directory;
  const tenants = { canonicalName: async (_tenant: unknown, name: string) => name.toLowerCase() } as unknown as Tenants;
  shadows = new LRUCache<string, Standing>({ max: 10 });
  const nobody = { shadows } as NobodyParts;
  const bindings = new LRUCache<string, Remembered>({ max: 10 });
  finder = new PlaceFinder(directory, tenants, {} as AccountParts, nobody, bindings);
});

const reading = (names: number): Reading => ({ state: { ...newAccount(), names }, sequence: 1, readAt: 1 });
/** Finds and looks whether it still leads there, as an attempt does. */
async function attempt(names: number, name = 'ada'): Promise<{ found: Found; leads: boolean }> {
  const found = await finder.find(acme, { name });
  return { found, leads: await finder.leadsTo(found, reading(names)) };
}

test('a binding is remembered once it was read after a state, and believed while its count of names stays', async () => {
  expect(await attempt(1)).toMatchObject({ leads: true, found: { place: { id: ADA } } });
  expect(reads).toBe(2); // once to find the account, once more after its state was read
  expect((await attempt(1)).leads).toBe(true);
  expect((await attempt(1, 'ADA')).leads).toBe(true);
  expect(reads).toBe(2);
});

test('another count of names: the binding is read again, and believed with that count', async () => {
  await attempt(1);
  expect((await attempt(2)).leads).toBe(true);
  expect(reads).toBe(3);
  await attempt(2);
  expect(reads).toBe(3);
});

test('while names change, each attempt reads the binding', async () => {
  const changing: Reading = {
    state: { ...newAccount(), names: 2, renaming: { open: 1, at: 1 } },
    sequence: 1,
    readAt: 1,
  };
  for (const wanted of [2, 3, 4]) {
    expect(await finder.leadsTo(await finder.find(acme, { name: 'ada' }), changing)).toBe(true);
    expect(reads).toBe(wanted);
  }
  leadsTo = BOB;
  expect(await finder.leadsTo(await finder.find(acme, { name: 'ada' }), reading(2))).toBe(false); // nothing was remembered with 2
});

describe('a name that leads elsewhere since', () => {
  test('is found again', async () => {
    await attempt(1);
    leadsTo = BOB;
    expect((await attempt(2)).leads).toBe(false);
    expect(await attempt(1)).toMatchObject({ leads: true, found: { place: { id: BOB } } });
  });

  test('or nowhere, is nobody`s', async () => {
    await attempt(1);
    leadsTo = undefined;
    expect((await attempt(2)).leads).toBe(false);
    expect((await finder.find(acme, { name: 'ada' })).place).toBeInstanceOf(NobodyPlace);
  });

  test('does not lead to the account before, though both count as many names and another attempt has found the new one', async () => {
    const { found } = await attempt(1); // waits for its slot
    leadsTo = BOB;
    await attempt(2);
    await attempt(2); // remembers BOB, with his 2 names
    expect(await finder.leadsTo(found, reading(2))).toBe(false);
  });
});

test('an id leads to its account without a look into the directory, whatever becomes of its names', async () => {
  const found = await finder.find(acme, { id: BOB });
  expect(found.place.id).toBe(BOB);
  expect(await finder.leadsTo(found, { ...reading(7), readAt: 0 })).toBe(true);
  expect(reads).toBe(0);
  expect(() => finder.withoutAccount(found, 'verify')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
});

test('that a name is unknown is never remembered', async () => {
  leadsTo = undefined;
  const { found, leads } = await attempt(1);
  expect(found.place).toBeInstanceOf(NobodyPlace);
  expect(leads).toBe(true);
  leadsTo = ADA;
  expect((await attempt(1)).found.place.id).toBe(ADA);
});

test('a name whose account was never finished is nobody`s, and is looked up again next time', async () => {
  const found = await finder.find(acme, { name: 'ada' });
  const nobody = finder.withoutAccount(found, 'verify');
  expect(nobody.place).toBeInstanceOf(NobodyPlace);
  expect(nobody.place.key).not.toBe(found.place.key);
  const before = reads;
  await finder.find(acme, { name: 'ada' });
  expect(reads).toBe(before + 1);
});

describe('a name that nobody has', () => {
  const unread: Reading = { state: newAccount(), sequence: 0, readAt: 1 };
  const cached: Reading = { ...unread, sequence: 7, readAt: 0 };

  test('costs two reads at first, as an account does, and one from then on', async () => {
    leadsTo = undefined;
    const found = await finder.find(acme, { name: 'ada' });
    expect(await finder.leadsTo(found, unread)).toBe(true);
    expect(reads).toBe(2);
    shadows.set(found.place.key, cached);
    const again = await finder.find(acme, { name: 'ada' });
    expect(again.place.key).toBe(found.place.key);
    expect(await finder.leadsTo(again, cached)).toBe(true);
    expect(reads).toBe(3);
  });

  test('is somebody`s as soon as it is bound', async () => {
    leadsTo = undefined;
    const found = await finder.find(acme, { name: 'ada' });
    leadsTo = ADA;
    expect(await finder.leadsTo(found, unread)).toBe(false);
    expect((await finder.find(acme, { name: 'ada' })).place.id).toBe(ADA);
  });

  test('and was guessed at lately, too', async () => {
    leadsTo = undefined;
    shadows.set((await finder.find(acme, { name: 'ada' })).place.key, cached);
    leadsTo = ADA;
    const found = await finder.find(acme, { name: 'ada' });
    expect(await finder.leadsTo(found, cached)).toBe(false);
    expect((await finder.find(acme, { name: 'ada' })).place.id).toBe(ADA);
  });

  test('or leads to an account that was never finished, stays nobody`s through the attempt', async () => {
    const nobody = finder.withoutAccount(await finder.find(acme, { name: 'ada' }), 'verify');
    expect(await finder.leadsTo(nobody, unread)).toBe(true);
    shadows.set(nobody.place.key, cached);
    const { place } = await finder.find(acme, { name: 'ada' });
    expect(place).toBeInstanceOf(NobodyPlace);
  });
});
