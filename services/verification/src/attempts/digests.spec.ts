import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { parseCaller, parseTenant } from '@countersign/contracts';
import { Secret } from '@countersign/runtime';
import { Digests } from './digests.js';

const OLD = Buffer.alloc(32, 1);
const NEW = Buffer.alloc(32, 2);
const INDEX = Buffer.alloc(32, 3);
const shop = { tenant: parseTenant('acme'), caller: parseCaller('shop') };
const digests = (...secrets: Buffer[]): Digests =>
  new Digests(
    secrets.map((each) => new Secret(each)),
    new Secret(INDEX),
  );
const hmac = (secret: Buffer, text: string): string =>
  createHmac('sha256', secret).update(text).digest().subarray(0, 12).toString('base64url');

test('a request is an HMAC of tenant, caller, id and code: each of them matters', () => {
  const one = digests(NEW);
  const mine = one.request(shop, 'r1', '123456');
  expect(mine).toBe(hmac(NEW, ['request', 'acme', 'shop', 'r1', '123456'].join('\0')));
  const others = [
    one.request({ ...shop, caller: parseCaller('other') }, 'r1', '123456'),
    one.request({ ...shop, tenant: parseTenant('beta') }, 'r1', '123456'),
    one.request(shop, 'r2', '123456'),
    one.request(shop, 'r1', '123457'),
    one.request(shop, 'r11', '23456'),
  ];
  expect(new Set([mine, ...others]).size).toBe(6);
});

test('during a rotation a request of before is found again, and a new one is written under the present secret', () => {
  const before = digests(OLD).request(shop, 'r1', '123456');
  const between = digests(NEW, OLD);
  expect(between.request(shop, 'r1', '123456', [{ request: before }])).toBe(before);
  expect(between.request(shop, 'r1', '123456')).toBe(hmac(NEW, ['request', 'acme', 'shop', 'r1', '123456'].join('\0')));
});

test('an origin is one account`s only, outlives rotations, and is not the text', () => {
  const origin = digests(NEW).origin('account', 'cookie');
  expect(origin).toBe(hmac(INDEX, 'origin\0account\0cookie'));
  expect(digests(NEW, OLD).origin('account', 'cookie')).toBe(origin);
  expect(digests(NEW).origin('other', 'cookie')).not.toBe(origin);
});
