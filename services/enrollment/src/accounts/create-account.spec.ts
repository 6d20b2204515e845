import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseAccountId, parseCaller, parseTenant } from '@countersign/contracts';
import { SystemRandom } from '@countersign/runtime';
import { MemoryLedger } from '../testing/memory-ledger.js';
import { CreateAccount } from './create-account.js';

const acme = { tenant: parseTenant('acme'), caller: parseCaller('desk') };
const beta = { ...acme, tenant: parseTenant('beta') };
const waiting = { remainingMs: () => 1000 };
const X = parseAccountId('x'.repeat(20));
const Y = parseAccountId('y'.repeat(20));
const conflict = expect.objectContaining({ code: 'CONFLICT' });

describe('creating an account', () => {
  let memory: MemoryLedger;
  let creating: CreateAccount;
  beforeEach(() => {
    memory = new MemoryLedger();
    const { ledger, directory, lists, tenants } = memory;
    creating = new CreateAccount(ledger, directory, lists, tenants, { now: () => 1000 }, new SystemRandom());
  });
  const create = (...names: string[]) => creating.create(acme, names, waiting);
  const bound = (name: string) => memory.names.get(`acme.${name}`)?.id;

  test('gives all its names one id, in their one form', async () => {
    const { id } = await create('Ada', 'ADA', 'ada@example.org');
    expect([...memory.names.keys()]).toEqual(['acme.ada', 'acme.ada@example.org']);
    expect([bound('ada'), bound('ada@example.org')]).toEqual([id, id]);
    expect(memory.accounts.get(`acme.${id}`)?.state.devices).toEqual([]);
  });

  test('refuses a name that is taken, and binds no other one then', async () => {
    await create('ada');
    await expect(create('bob', 'Ada')).rejects.toEqual(conflict);
    expect(bound('bob')).toBeUndefined();
  });

  test('keeps tenants apart', async () => {
    const ours = await create('ada');
    expect((await creating.create(beta, ['ada'], waiting)).id).not.toBe(ours.id);
  });

  test('goes on where another one was interrupted', async () => {
    memory.names.set('acme.ada', { id: X, sequence: 1 });
    expect((await create('ada', 'countess')).id).toBe(X);
    expect(bound('countess')).toBe(X);
  });

  test('refuses names that were given to different accounts', async () => {
    memory.names.set('acme.ada', { id: X, sequence: 1 });
    memory.names.set('acme.bob', { id: Y, sequence: 2 });
    await expect(create('ada', 'bob')).rejects.toEqual(conflict);
    expect(memory.accounts.size).toBe(0);
  });

  test('many at once, in any order of names: one is created, the others are refused', async () => {
    memory.meanwhile = () => new Promise(setImmediate);
    const all = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? create('ada', 'countess') : create('countess', 'ada'))),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of all) if (one.status === 'rejected') expect(one.reason).toEqual(conflict);
    expect(memory.accounts.size).toBe(1);
    expect(bound('ada')).toBe(bound('countess'));
  });

  test.each([1, 2, 3, 4])('beside one that shares a name, at its step %i: no name leads to another`s', async (step) => {
    let rival: Promise<{ id: string } | undefined> | undefined;
    let steps = 0;
    memory.meanwhile = async () => {
      steps += 1;
      if (steps === step) await (rival = create('ada', 'zoe').catch(() => undefined));
    };
    const mine = await create('ada', 'bob').catch(() => undefined);
    const theirs = await rival;
    expect([mine, theirs].filter((each) => each !== undefined).length).toBeLessThanOrEqual(1);
    if (mine) expect(bound('zoe')).not.toBe(mine.id);
    if (theirs) expect(bound('bob')).not.toBe(theirs.id);
  });

  test('refuses to add a name to what another one began with other names', async () => {
    memory.names.set('acme.ada', { id: X, sequence: 1 });
    memory.listed.set(`acme.${X}`, { names: ['ada', 'bob'], leaving: [] });
    await expect(create('ada', 'zoe')).rejects.toEqual(conflict);
    expect([bound('zoe'), memory.accounts.size]).toEqual([undefined, 0]);
    expect((await create('bob', 'ada')).id).toBe(X);
  });

  test('says OUTCOME_UNKNOWN when nobody waits any longer, and the account is there when asked again', async () => {
    memory.meanwhile = () => new Promise((resolve) => setTimeout(resolve, 20));
    const late = creating.create(acme, ['ada'], { remainingMs: () => 1 });
    await expect(late).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await expect(create('ada')).rejects.toEqual(conflict);
  });
});
