import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Alarm, ForkAlarm } from '@countersign/contracts';
import { newAccount, type AccountEvent, type Standing } from '@countersign/account';
import type { Ledger, Message } from '@countersign/ledger';
import { keptLog } from '@countersign/bus/testing';
import { ForkFreezer } from './freeze-forked.js';

const ID = 'a'.repeat(20);
const SUBJECT = `ledger.acme.${ID}`;
let messages: Map<number, Message>;
let standing: Standing;
let frozen: AccountEvent[];
let freezer: ForkFreezer;

function put(sequence: number, body: object, subject = SUBJECT): void {
  messages.set(sequence, { subject, sequence, data: Buffer.from(JSON.stringify(body)), storedAt: 1 });
}
const event = (after: number): object => ({ type: 'created', at: 1, by: 'x', after, nonce: 'n', state: newAccount() });

beforeEach(() => {
  messages = new Map();
  standing = { state: newAccount(), sequence: 12 };
  frozen = [];
  const ledger = {
    at: async (sequence: number) => messages.get(sequence),
    update: async (_tenant: string, _id: string, change: (standing: Standing) => AccountEvent | undefined) => {
      const made = change(standing);
      if (made) frozen.push(made);
      return standing;
    },
  } as unknown as Ledger;
  freezer = new ForkFreezer(ledger, { now: () => 5 }, keptLog().log);
  put(11, event(10));
  put(12, event(10));
});

test('two events that name the same predecessor freeze their account', async () => {
  await freezer.freeze({ kind: 'FORK', subject: SUBJECT, sequences: [11, 12] });
  expect(frozen).toMatchObject([{ type: 'frozen', sequences: [11, 12], state: { frozen: true } }]);
});

describe('an alarm is not believed when', () => {
  test.each<[string, () => void, Partial<ForkAlarm>]>([
    ['both are the same event', () => undefined, { sequences: [11, 11] }],
    ['they follow different events', () => put(12, event(11)), {}],
    ['one is another account`s', () => put(12, event(10), `ledger.acme.${'b'.repeat(20)}`), {}],
    ['both are another account`s', () => undefined, { subject: `ledger.acme.${'b'.repeat(20)}` }],
  ])('%s', async (_what, prepare, alarm) => {
    prepare();
    await freezer.freeze({ kind: 'FORK', subject: SUBJECT, sequences: [11, 12], ...alarm });
    expect(frozen).toEqual([]);
  });

  test.each<unknown>([
    null,
    'FORK',
    {},
    { kind: 'FORK', subject: SUBJECT },
    { kind: 'FORK', subject: SUBJECT, sequences: ['11', '12'] },
    { kind: 'FORK', subject: SUBJECT, sequences: [11, 12, 13] },
    { kind: 'FORK', subject: 7, sequences: [11, 12] },
    { kind: 'OTHER', subject: SUBJECT, sequences: [11, 12] },
  ])('it has another shape: %j', async (alarm) => {
    await freezer.freeze(alarm as Alarm);
    expect(frozen).toEqual([]);
  });

  test('an event is not there: NOT_FOUND', async () => {
    await expect(freezer.freeze({ kind: 'FORK', subject: SUBJECT, sequences: [11, 99] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

test('an account that is frozen already is left alone', async () => {
  standing.state.frozen = true;
  await freezer.freeze({ kind: 'FORK', subject: SUBJECT, sequences: [11, 12] });
  expect(frozen).toEqual([]);
});
