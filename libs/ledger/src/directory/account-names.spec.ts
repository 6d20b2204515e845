import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bus } from '@countersign/bus';
import { DIRECTORY_STREAM, parseAccountId, parseTenant } from '@countersign/contracts';
import { Secret, SystemRandom } from '@countersign/runtime';
import { StreamReader } from '../stream-reader.js';
import { faults, faulty } from '../testing/faulty-bus.js';
import { RealLedger } from '../testing/real-ledger.js';
import { AccountNames, type NameList } from './account-names.js';

const ACME = parseTenant('acme');
const BETA = parseTenant('beta');
const ADA = parseAccountId('a'.repeat(20));
let real: RealLedger;
let bus: Bus;

beforeAll(async () => {
  real = await RealLedger.start();
  bus = await real.connect();
});
afterAll(() => real.stop());

const lists = (over = bus, secret = 9): AccountNames =>
  new AccountNames({
    bus: over,
    random: new SystemRandom(),
    index: new Secret(Buffer.alloc(32, 7)),
    names: new Secret(Buffer.alloc(32, secret)),
  });
const adding =
  (name: string) =>
  (list: NameList): NameList => ({ ...list, names: [...list.names, name].sort() });

describe('the list of an account', () => {
  test('is empty, then what was written last; in its own tenant only', async () => {
    expect(await lists().read(ACME, ADA)).toEqual({ names: [], leaving: [], sequence: 0 });
    expect(await lists().change(ACME, ADA, adding('ada'))).toEqual({
      before: { names: [], leaving: [] },
      now: { names: ['ada'], leaving: [] },
    });
    expect(await lists().read(ACME, ADA)).toMatchObject({ names: ['ada'] });
    expect(await lists().read(BETA, ADA)).toMatchObject({ names: [] });
  });

  test('changed by many at once loses nothing; lost answers too', async () => {
    const id = parseAccountId('b'.repeat(20));
    const over = faulty(bus);
    over.appends.push(faults.answerLost, faults.requestLost);
    const one = lists(over.bus);
    await Promise.all([
      one.change(ACME, id, adding('1')),
      lists().change(ACME, id, adding('2')),
      lists().change(ACME, id, adding('3')),
    ]);
    expect((await lists().read(ACME, id)).names).toEqual(['1', '2', '3']);
  });

  test('lies in the store encrypted, and opens under its own secret only', async () => {
    const id = parseAccountId('c'.repeat(20));
    await lists().change(ACME, id, adding('countess'));
    const last = await new StreamReader(bus, DIRECTORY_STREAM).info();
    const stored = await new StreamReader(bus, DIRECTORY_STREAM).at(last.lastSequence);
    expect(Buffer.from(stored!.data).toString('latin1') + stored!.subject).not.toMatch(/countess|cccc/);
    await expect(lists(bus, 1).read(ACME, id)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
