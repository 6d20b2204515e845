import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { ChallengeItem, CodeForm } from '@countersign/contracts';
import { challengeCode, challengeMessage } from './code.js';

// expected values by Python's integers, struct and hashlib
const mac = createHash('sha256').update('a MAC').digest();
const cases: [CodeForm, string][] = [
  [{ kind: 'digits', length: 6 }, '538914'],
  [{ kind: 'digits', length: 8 }, '20538914'],
  [{ kind: 'letters', length: 4 }, 'KKHS'],
  [{ kind: 'letters', length: 10 }, 'ZKZKVLKKHS'],
];
test.each(cases)('%j of a MAC', (form, code) => expect(challengeCode(mac, form)).toBe(code));

test('leading zeros are kept, and the largest number is none too large', () => {
  const [least, most] = [Buffer.alloc(32), Buffer.alloc(32, 255)];
  const [digits, letters] = (['digits', 'letters'] as const).map((kind) => ({ kind, length: 6 }));
  expect([least, most].map((mac) => challengeCode(mac, digits!))).toEqual(['000000', '211455']);
  expect([least, most].map((mac) => challengeCode(mac, letters!))).toEqual(['BBBBBB', 'KPJLQT']);
});

const counting = (count: number) => Buffer.from(Array.from({ length: count }, (_, at) => at)).toString('base64url');
const item: ChallengeItem = {
  tenant: 'acme',
  account: '0123456789abcdefghjk',
  challenge: '0123456789abcdef',
  purpose: 'payment',
  context: counting(32),
  nonce: counting(16),
  form: { kind: 'digits', length: 6 },
};

test('the message is the one list that stands for the challenge', () => {
  const { purpose: _purpose, ...plain } = item;
  const digest = (item: ChallengeItem) => createHash('sha256').update(challengeMessage(item)).digest('hex');
  expect(digest(item)).toBe('cb0e81c016ac8ecdd90824b6a08d08a1911962f1948588c5242c809775bca5d2');
  expect(digest({ ...plain, form: { kind: 'letters', length: 10 } })).toBe(
    '8dc5d14a38e9341cef2f881004782ee5686a383881805304a21ddce2d700fe58',
  );
});
