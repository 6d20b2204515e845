import { beforeEach, describe, expect, test } from '@jest/globals';
import { newAccount } from '@countersign/account';
import { parseAccountId, parseCaller, parseTenant } from '@countersign/contracts';
import { Accounts } from '../accounts/accounts.js';
import { MemoryLedger } from '../testing/memory-ledger.js';
import { EraseAccount } from './erase-account.js';

const tenant = parseTenant('acme');
const asker = { tenant, caller: parseCaller('ops') };
const id = parseAccountId('0'.repeat(20));
const other = parseAccountId('1'.repeat(20));
const waiting = { remainingMs: () => 1000 };

describe('erasing an account', () => {
  let memory: MemoryLedger;
  let erasing: EraseAccount;
  beforeEach(() => {
    memory = new MemoryLedger();
    const { ledger, directory, tenants, lists } = memory;
    const accounts = new Accounts(ledger, directory, lists, tenants);
    erasing = new EraseAccount(accounts, ledger, directory, lists, tenants, { now: () => 1 });
    memory.accounts.set(`acme.${id}`, { state: newAccount(), sequence: 1 });
    for (const name of ['ada', 'countess', 'old', 'unlisted']) memory.names.set(`acme.${name}`, { id, sequence: 2 });
    memory.names.set('acme.taken', { id: other, sequence: 3 });
    memory.listed.set(`acme.${id}`, { names: ['ada', 'countess', 'taken'], leaving: ['old'] });
  });

  const erase = (name = 'ada') => erasing.erase(asker, name, waiting);
  const bound = (): string[] => [...memory.names.keys()];

  test('frees all its names, and nobody else`s; by one that its list does not have, too', async () => {
    memory.names.delete('acme.unlisted');
    expect(await erase()).toMatchObject({ id });
    expect(bound()).toEqual(['acme.taken']);
    expect(memory.listed.get(`acme.${id}`)).toEqual({ names: [], leaving: [] });
    expect(memory.accounts.get(`acme.${id}`)?.state).toMatchObject({ erased: true, devices: [] });
    await expect(erase()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  // the event, two other names, and the one that was asked with
  test.each([1, 2, 3, 4])('that ended at its write %i is finished by asking again', async (last) => {
    memory.names.delete('acme.unlisted');
    let writes = 0;
    memory.meanwhile = () => {
      writes += 1;
      if (writes === last) throw new Error('killed');
    };
    await expect(erase()).rejects.toThrow('killed');
    expect(bound()).toContain('acme.ada');
    memory.meanwhile = () => undefined;
    await erase();
    expect(bound()).toEqual(['acme.taken']);
  });
});
