import { describe, expect, test } from '@jest/globals';
import { verbs } from '@countersign/contracts';
import { METHODS } from './methods.js';

describe('the methods of a caller', () => {
  test('every verb has exactly one', () => {
    const named = Object.values(METHODS).map(({ verb }) => verb);
    expect([...named].sort()).toEqual([...verbs].sort());
  });

  test('what makes something new is not asked twice', () => {
    const once = Object.values(METHODS).filter(({ again }) => again === 'once');
    expect(once.map(({ verb }) => verb)).toEqual([
      'rekey.begin',
      'challenge.send',
      'challenge.cancel',
      'account.create',
      'account.names',
      'enroll.exchange',
      'activation.issue',
      'activation.redeem',
      'recovery.issue',
      'sheet.issue',
      'pair.open',
      'pair.share',
      'pair.confirm',
      'device.replace',
      'account.erase',
      'device.import',
      'device.import.begin',
      'device.import.batch',
      'policy.set',
    ]);
  });
});
