import { describe, expect, test } from '@jest/globals';
import { profile } from '../test/accounts.js';
import { newAccount, parseEvent, parseRecord } from './index.js';

const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const unavailable = expect.objectContaining({ code: 'UNAVAILABLE' });

describe('an event of the ledger', () => {
  const good = { type: 'created', at: 1, by: 'web', after: 0, nonce: 'n', state: newAccount() };

  test('is read as it was written', () => {
    expect(parseEvent(bytes(good))).toEqual(good);
  });

  test.each([
    ['no JSON', '{"type":'],
    ['nothing', ''],
    ['a number', '1'],
    ['null', 'null'],
    ['a list', []],
    ['an event without a state', { ...good, state: undefined }],
    ['a state of null', { ...good, state: null }],
    ['a state of text', { ...good, state: 'v1' }],
    ['a state without a version', { ...good, state: { names: 1, devices: [] } }],
    ['a version of text', { ...good, state: { ...newAccount(), v: '1' } }],
    ['version 0', { ...good, state: { ...newAccount(), v: 0 } }],
    ['a newer version', { ...good, state: { ...newAccount(), v: 2 } }],
    ['a state without devices', { ...good, state: { v: 1, names: 1 } }],
    ['an event that follows nothing', { ...good, after: undefined }],
    ['an event that follows a fraction', { ...good, after: 1.5 }],
    ['a nobody event', { type: 'nobody', at: 1, by: 'web', nonce: 'n' }],
  ])('%s is refused with UNAVAILABLE: nothing may be appended after it', (_name, value) => {
    expect(() => parseEvent(bytes(value))).toThrow(unavailable);
  });
});

describe('a device record', () => {
  const good = {
    ...{ type: 'record', v: 1, device: 'token0000000', epoch: 1, method: 'exchange' },
    ...{ profile: profile('totp'), reference: 'opaque', at: 1, by: 'web', nonce: 'n' },
  };

  test('is read as it was written', () => {
    expect(parseRecord(bytes(good))).toEqual(good);
  });

  test.each([
    ['a newer version', { ...good, v: 2 }],
    ['no version', { ...good, v: undefined }],
    ['a version of text', { ...good, v: '1' }],
    ['a version that is no text either', { ...good, v: { toString: 1 } }],
    ['another type', { ...good, type: 'created' }],
    ['no JSON', 'record'],
  ])('%s is refused with UNAVAILABLE', (_name, value) => {
    expect(() => parseRecord(bytes(value))).toThrow(unavailable);
  });
});
