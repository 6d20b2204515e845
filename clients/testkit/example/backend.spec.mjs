// The backend's own suite, against the real Countersign: no mock of it, and no code written down.
import { startPlatform } from '@countersign/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startBackend } from './backend.mjs';

let platform;
let backend;

beforeAll(async () => {
  platform = await startPlatform();
  const { servers, caller, nkeySeedFile } = platform.credentials('app');
  backend = await startBackend({ natsServer: servers[0], caller, nkeySeedFile });
});
afterEach(() => platform.mend());
afterAll(async () => {
  await backend?.stop();
  await platform?.stop();
});

const signIn = async (account, code) =>
  (await fetch(backend.url, { method: 'POST', body: JSON.stringify({ account, code }) })).status;

test('a code lets its owner in, once', async () => {
  const ada = await platform.owner();
  const code = ada.code();
  expect(await signIn(ada.account, code)).toBe(204);
  expect(await signIn(ada.account, code)).toBe(401);
});

test('a wrong code and a person that nobody knows look the same', async () => {
  const ada = await platform.owner();
  expect(await signIn(ada.account, ada.wrongCode())).toBe(401);
  expect(await signIn('nobody@acme.example', '123456')).toBe(401);
});

test('a phone whose clock is ten minutes behind is not let in', async () => {
  const ada = await platform.owner({ type: 'totp' });
  ada.clockOffsetMs = -600_000;
  expect(await signIn(ada.account, ada.codeNow())).toBe(401);
  ada.clockOffsetMs = 0;
  expect(await signIn(ada.account, ada.codeNow())).toBe(204);
});

test('after five wrong codes it says: too many', async () => {
  const ada = await platform.owner();
  for (let guess = 0; guess < 5; guess += 1) await signIn(ada.account, ada.wrongCode());
  expect(await signIn(ada.account, ada.code())).toBe(429);
});

test.each(['hsm-gone', 'service-killed:verification', 'service-hanging:key-derivation'])(
  '%s: nobody is let in, and everybody is again once it is mended',
  async (name) => {
    const ada = await platform.owner();
    const fault = await platform.fault(name);
    expect(await signIn(ada.account, ada.code())).toBe(503);
    await fault.undo();
    expect(await signIn(ada.account, ada.code())).toBe(204);
  },
);

test('redis-gone: nobody notices', async () => {
  const ada = await platform.owner();
  await platform.fault('redis-gone');
  expect(await signIn(ada.account, ada.code())).toBe(204);
});
