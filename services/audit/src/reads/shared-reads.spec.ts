import { beforeEach, expect, test } from '@jest/globals';
import { ListLedger } from '../testing/list-ledger.js';
import { Remembered } from './remembered.js';
import { SharedReads } from './shared-reads.js';

let ledger: ListLedger & { assertUsable(): void };
let reads: SharedReads;
beforeEach(() => {
  ledger = Object.assign(new ListLedger(), { assertUsable: () => undefined });
  for (let n = 0; n < 2000; n += 1) ledger.add('ledger.acme.a', { n });
  reads = new SharedReads(ledger);
});

test('who asks for the same message at the same time, or soon after, shares one reading', async () => {
  const [one, other] = await Promise.all([reads.at(7), reads.at(7)]);
  expect(await reads.at(7)).toBe(one);
  expect(other).toBe(one);
  expect(ledger.reads).toBe(1);
});

test('what was not there, or could not be read, is asked for again', async () => {
  expect(await reads.at(2001)).toBeUndefined();
  ledger.add('ledger.acme.a', { n: 2001 });
  expect(await reads.at(2001)).toMatchObject({ sequence: 2001 });
  const { at } = ledger;
  ledger.at = () => Promise.reject(new Error('away'));
  await expect(reads.at(5)).rejects.toThrow('away');
  ledger.at = at;
  expect(await reads.at(5)).toMatchObject({ sequence: 5 });
});

test('memory is bounded: what was read long ago is read again', async () => {
  for (let sequence = 1; sequence <= 2000; sequence += 1) await reads.at(sequence);
  await reads.at(2000);
  expect(ledger.reads).toBe(2000);
  await reads.at(1);
  expect(ledger.reads).toBe(2001);
});

test('what is remembered is what was used last', () => {
  const remembered = new Remembered<string, number>(2);
  remembered.set('a', 1);
  remembered.set('b', 2);
  remembered.get('a');
  remembered.set('c', 3);
  expect([remembered.get('a'), remembered.get('b'), remembered.get('c')]).toEqual([1, undefined, 3]);
});
