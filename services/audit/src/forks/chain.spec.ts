import { beforeEach, describe, expect, test } from '@jest/globals';
import { ListLedger } from '../testing/list-ledger.js';
import { Chain } from './chain.js';

const ADA = 'ledger.acme.ada';
const BOB = 'ledger.acme.bob';

describe('the chain of an account', () => {
  let ledger: ListLedger;
  let chain: Chain;
  beforeEach(() => {
    ledger = new ListLedger();
    chain = new Chain(ledger);
  });
  const step = (subject: string, after: number, on = chain) =>
    on.link({ subject, after, sequence: ledger.add(subject, { after }) });

  test('is whole while each event follows the one before it', async () => {
    expect(await step(ADA, 0)).toEqual({ kind: 'whole' }); // 1
    expect(await step(BOB, 0)).toEqual({ kind: 'whole' }); // 2
    expect(await step(ADA, 1)).toEqual({ kind: 'whole' }); // 3
    expect(await step(BOB, 2)).toEqual({ kind: 'whole' });
    expect(await step(ADA, 3)).toEqual({ kind: 'whole' });
  });

  test('two events after the same one are a fork, of which the chain goes on', async () => {
    await step(ADA, 0); // 1
    await step(ADA, 1); // 2
    await step(BOB, 0); // 3
    expect(await step(ADA, 1)).toEqual({ kind: 'fork', rival: 2 }); // 4
    expect(await step(ADA, 4)).toEqual({ kind: 'whole' });
  });

  test('a second beginning is a fork', async () => {
    await step(ADA, 0);
    expect(await step(ADA, 0)).toEqual({ kind: 'fork', rival: 1 });
  });

  test("an event that names another account's is a fork, also when it is not remembered", async () => {
    await step(ADA, 0); // 1
    await step(BOB, 0); // 2
    expect(await step(ADA, 2)).toEqual({ kind: 'fork', rival: 2 });
    const forgetful = new Chain(ledger, 0);
    ledger.add(BOB, { after: 2 }); // 4
    expect(await step(ADA, 4, forgetful)).toEqual({ kind: 'fork', rival: 4 });
  });

  test('an event that names itself or a later one is a fork', async () => {
    await step(ADA, 0);
    expect(await step(ADA, 9)).toEqual({ kind: 'fork', rival: 1 });
  });

  test('what is not remembered is read', async () => {
    const forgetful = new Chain(ledger, 1);
    await step(ADA, 0, forgetful); // 1
    await step(BOB, 0, forgetful); // 2: ADA is forgotten
    expect(await step(ADA, 1, forgetful)).toEqual({ kind: 'whole' }); // 3
    await step(BOB, 2, forgetful); // 4
    expect(await step(ADA, 1, forgetful)).toEqual({ kind: 'fork', rival: 3 });
  });

  test('a predecessor that was archived and purged is no fork', async () => {
    await step(ADA, 0);
    await step(BOB, 0);
    ledger.purgeBefore(3);
    expect(await new Chain(ledger).link({ subject: ADA, after: 1, sequence: ledger.add(ADA, {}) })).toEqual({
      kind: 'whole',
    });
  });
});
