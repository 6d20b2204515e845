import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseCaller, parseTenant, type AccountId } from '@countersign/contracts';
import { SystemRandom } from '@countersign/runtime';
import { MemoryLedger } from '../testing/memory-ledger.js';
import { Accounts } from './accounts.js';
import { ChangeNames } from './change-names.js';
import { CreateAccount } from './create-account.js';

const acme = { tenant: parseTenant('acme'), caller: parseCaller('desk') };
const waiting = { remainingMs: () => 1000 };

let memory: MemoryLedger;
let creating: CreateAccount;
let changing: ChangeNames;
let ada: AccountId;

beforeEach(async () => {
  memory = new MemoryLedger();
  const { ledger, directory, lists, tenants } = memory;
  const clock = { now: () => 1000 };
  creating = new CreateAccount(ledger, directory, lists, tenants, clock, new SystemRandom());
  changing = new ChangeNames(new Accounts(ledger, directory, lists, tenants), ledger, directory, lists, tenants, clock);
  ada = (await creating.create(acme, ['ada', 'ada@example.org'], waiting)).id as AccountId;
});

const names = async (change: { add?: string[]; remove?: string[] } = {}, account = 'ada'): Promise<string[]> =>
  (await changing.names(acme, { account, ...change }, waiting)).names;
const state = () => memory.accounts.get(`acme.${ada}`)!.state;
const leadsTo = (name: string) => memory.names.get(`acme.${name}`)?.id;
const code = (text: string) => expect.objectContaining({ code: text });

test('an account knows its names, without an event', async () => {
  const { sequence } = memory;
  expect(await names()).toEqual(['ada', 'ada@example.org']);
  expect(await names({ add: ['ADA'], remove: ['nobody'] })).toEqual(['ada', 'ada@example.org']);
  expect(memory.sequence).toBe(sequence);
});

test('names come and go in their one form; asked for by a name that goes', async () => {
  expect(await names({ add: ['Countess'], remove: ['ada'] })).toEqual(['ada@example.org', 'countess']);
  expect([leadsTo('countess'), leadsTo('ada')]).toEqual([ada, undefined]);
  await expect(names()).rejects.toEqual(code('NOT_FOUND'));
  expect(state()).toMatchObject({ names: 3 });
  expect(state().renaming).toBeUndefined();
});

test('the count is raised, and marked as being changed, before any binding moves', async () => {
  const seen: unknown[] = [];
  const { bind, erase } = memory.directory;
  const directory = memory.directory;
  const noting = (): void => void seen.push({ names: state().names, open: state().renaming?.open });
  directory.bind = (...given) => (noting(), bind(...given));
  directory.erase = (...given) => (noting(), erase(...given));
  const { ledger, lists, tenants } = memory;
  const accounts = new Accounts(ledger, directory, lists, tenants);
  const one = new ChangeNames(accounts, ledger, directory, lists, tenants, { now: () => 1000 });
  await one.names(acme, { account: 'ada', add: ['countess'], remove: ['ada'] }, waiting);
  expect(seen).toEqual([
    { names: 2, open: 1 },
    { names: 2, open: 1 },
  ]);
});

describe('refuses, and changes nothing', () => {
  test.each([
    ['the last names', { remove: ['ada', 'ada@example.org'] }, 'LIMIT'],
    ['more than 8', { add: ['1', '2', '3', '4', '5', '6', '7'] }, 'LIMIT'],
    ["to take another's name", { add: ['new', 'bob'] }, 'CONFLICT'],
    ["to remove another's name", { remove: ['ada', 'bob'] }, 'CONFLICT'],
    ['one name both ways', { add: ['X'], remove: ['x'] }, 'INVALID_ARGUMENT'],
  ])('%s', async (_, change, why) => {
    const bob = (await creating.create(acme, ['bob'], waiting)).id;
    const before = [...memory.names];
    await expect(names(change)).rejects.toEqual(code(why));
    expect([...memory.names]).toEqual(before);
    expect(state().names).toBe(1);
    expect(leadsTo('bob')).toBe(bob);
  });
});

test('two that would together remove all names: one of them is refused', async () => {
  memory.meanwhile = () => new Promise(setImmediate);
  const both = await Promise.allSettled([names({ remove: ['ada'] }), names({ remove: ['ada@example.org'] })]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect([leadsTo('ada'), leadsTo('ada@example.org')].filter((id) => id === ada)).toHaveLength(1);
});

test('a change that died in the middle: the mark stays, the name is still shown, and the next change ends it', async () => {
  memory.meanwhile = () => {
    if (state().renaming) throw new Error('died');
  };
  await expect(names({ remove: ['ada'] })).rejects.toThrow('died');
  memory.meanwhile = () => undefined;
  expect(state().renaming).toEqual({ open: 1, at: 1000 });
  expect(await names()).toEqual(['ada', 'ada@example.org']);
  expect(await names({ add: ['countess'] })).toEqual(['ada@example.org', 'countess']);
  expect(leadsTo('ada')).toBeUndefined();
});

test('a frozen account can lose names, not gain them', async () => {
  memory.accounts.get(`acme.${ada}`)!.state.frozen = true;
  await expect(names({ add: ['countess'] })).rejects.toEqual(code('CONFLICT'));
  expect(await names({ remove: ['ada@example.org'] })).toEqual(['ada']);
});
