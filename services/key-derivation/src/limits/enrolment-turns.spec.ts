import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { EnrolmentTurns } from './enrolment-turns.js';

test('what comes meanwhile goes between two enrolments', async () => {
  const turns = new EnrolmentTurns();
  const order: string[] = [];
  const enrolments = ['first', 'second', 'third'].map((each) => turns.run(async () => order.push(each)));
  const signIns = (async () => {
    while (!order.includes('third')) {
      order.push('sign-in');
      await setImmediate();
    }
  })();
  await Promise.all([...enrolments, signIns]);
  expect(order.join(' ')).toMatch(/first( sign-in)+ second( sign-in)+ third/);
});

test('more than may wait are refused at once, and come in again when those have gone', async () => {
  const turns = new EnrolmentTurns();
  const all = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => turns.run(async () => index)));
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(32);
  expect(all[39]).toMatchObject({ reason: { code: 'UNAVAILABLE', retryAfterMs: 500 } });
  expect(await turns.run(async () => 'in')).toBe('in');
});

test('one that fails keeps nobody from coming after it', async () => {
  const turns = new EnrolmentTurns();
  const failing = turns.run(() => Promise.reject(new Error('the HSM')));
  const next = turns.run(async () => 'in');
  await expect(failing).rejects.toThrow('the HSM');
  expect(await next).toBe('in');
});
