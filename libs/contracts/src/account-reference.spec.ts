import { expect, test } from '@jest/globals';
import { accountReference } from './index.js';

const id = '0123456789abcdefghjk';

test('an account is said by name or by id', () => {
  expect(accountReference({ account: 'ada' })).toEqual({ name: 'ada' });
  expect(accountReference({ id })).toEqual({ id });
});

test.each([{}, { account: 'ada', id }])('%j says neither or both, which names both fields', (request) => {
  expect(() => accountReference(request)).toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      fields: [expect.objectContaining({ field: 'account' }), expect.objectContaining({ field: 'id' })],
    }),
  );
});
