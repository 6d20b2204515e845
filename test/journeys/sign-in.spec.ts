import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Countersign } from '@countersign/caller';
import { World } from '../world/world.js';

describe('signing in', () => {
  let world: World;
  let app: Countersign;
  let desk: Countersign;
  let ops: Countersign;

  beforeAll(async () => {
    world = await World.start();
    [app, desk, ops] = await Promise.all([world.caller('app'), world.caller('desk'), world.caller('ops')]);
  });
  afterAll(() => world.stop());

  test.each(['totp', 'hotp'] as const)('a %s code is accepted once', async (type) => {
    const device = await world.owner({ type });
    const code = device.code();
    const first = await app.verify({ account: device.account, code });
    expect(first).toMatchObject({ verdict: 'accepted', device: device.id });
    const again = await app.verify({ account: device.account, code });
    expect(again).toMatchObject({ verdict: 'rejected', reason: 'replayed', device: device.id });
    expect(again.sequence).toBeGreaterThan(first.sequence);
  });

  test('the code that confirmed a device does not sign in', async () => {
    const { name } = await world.account();
    const device = await world.enrol(name, { type: 'totp' });
    const code = device.code();
    expect(await app.verify({ account: name, code })).toMatchObject({ verdict: 'rejected', reason: 'disabled' });
    expect(await desk.confirm({ account: name, device: device.id, code })).toMatchObject({ verdict: 'accepted' });
    expect(await app.verify({ account: name, code })).toMatchObject({ verdict: 'rejected', reason: 'replayed' });
    expect(await app.verify({ account: name, code: device.code() })).toMatchObject({ verdict: 'accepted' });
  });

  test('a wrong code costs one of five attempts, and an accepted one gives them back', async () => {
    const device = await world.owner();
    const wrong = { account: device.account, code: device.wrongCode() };
    for (const attemptsLeft of [4, 3])
      expect(await app.verify(wrong)).toMatchObject({ verdict: 'rejected', reason: 'wrong_code', attemptsLeft });
    expect(await app.verify({ account: device.account, code: device.code() })).toMatchObject({ verdict: 'accepted' });
    expect(await app.verify(wrong)).toMatchObject({ attemptsLeft: 4 });
  });

  test('after five wrong codes even the right one has to wait, until an operator unlocks', async () => {
    const device = await world.owner();
    const wrong = { account: device.account, code: device.wrongCode() };
    for (let guess = 0; guess < 5; guess += 1) await app.verify(wrong);
    const right = { account: device.account, code: device.code() };
    const locked = await app.verify(right);
    expect(locked).toMatchObject({ verdict: 'rejected', reason: 'locked', attemptsLeft: 0 });
    expect(locked.retryAfterMs).toBeGreaterThan(25_000);
    expect(locked.retryAfterMs).toBeLessThanOrEqual(30_000);
    await ops.unlock({ account: device.account });
    expect(await app.verify(right)).toMatchObject({ verdict: 'accepted' });
  });

  test('guesses from elsewhere do not lock out an origin that was accepted before', async () => {
    const device = await world.owner();
    const home = { account: device.account, origin: 'cookie-7' };
    expect(await app.verify({ ...home, code: device.code() })).toMatchObject({ verdict: 'accepted' });
    for (let guess = 0; guess < 6; guess += 1) await app.verify({ account: device.account, code: device.wrongCode() });
    expect(await app.verify({ account: device.account, code: device.code() })).toMatchObject({ reason: 'locked' });
    expect(await app.verify({ ...home, code: device.code() })).toMatchObject({ verdict: 'accepted' });
  });

  test('a retried request gets the same verdict', async () => {
    const device = await world.owner();
    const request = { account: device.account, code: device.code(), requestId: 'attempt-1' };
    const first = await app.verify(request);
    expect(first).toMatchObject({ verdict: 'accepted' });
    expect(await app.verify(request)).toEqual({ ...first, repeated: true });
    const other = { ...request, requestId: 'attempt-2' };
    expect(await app.verify(other)).toMatchObject({ verdict: 'rejected', reason: 'replayed' });
    const wrong = { account: device.account, code: device.wrongCode(), requestId: 'attempt-3' };
    const rejected = await app.verify(wrong);
    expect(await app.verify(wrong)).toEqual({ ...rejected, repeated: true });
  });

  test('a retry after a revocation is not accepted again', async () => {
    const device = await world.owner();
    const request = { account: device.account, code: device.code(), requestId: 'attempt-1' };
    expect(await app.verify(request)).toMatchObject({ verdict: 'accepted' });
    await ops.revoke({ account: device.account, device: device.id });
    expect(await app.verify(request)).toMatchObject({ verdict: 'rejected', reason: 'disabled' });
  });

  test('an unknown account looks like a wrong code', async () => {
    const device = await world.owner();
    const known = await app.verify({ account: device.account, code: device.wrongCode() });
    const unknown = await app.verify({ account: 'nobody-at-all', code: '123456' });
    expect(Object.keys(unknown).sort()).toEqual(Object.keys(known).sort());
    expect(unknown).toMatchObject({ verdict: 'rejected', reason: 'wrong_code', attemptsLeft: 4 });
    for (let guess = 0; guess < 4; guess += 1) await app.verify({ account: 'nobody-at-all', code: '123456' });
    for (let guess = 0; guess < 4; guess += 1) await app.verify({ account: device.account, code: device.wrongCode() });
    const [lockedKnown, lockedUnknown] = [
      await app.verify({ account: device.account, code: device.wrongCode() }),
      await app.verify({ account: 'nobody-at-all', code: '123456' }),
    ];
    expect(lockedUnknown).toMatchObject({ verdict: 'rejected', reason: 'locked' });
    expect(Object.keys(lockedUnknown).sort()).toEqual(Object.keys(lockedKnown).sort());
  });

  test('names that differ by case or normalisation are one account, and two accounts where the tenant says so', async () => {
    const device = await world.owner();
    const { name } = await world.account('Zoë Ångström');
    expect(name).toBe('Zoë Ångström');
    const again = desk.createAccount({ names: ['ZOË ÅNGSTRÖM'.normalize('NFD')] });
    await expect(again).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await app.verify({ account: device.account.toUpperCase(), code: device.code() })).toMatchObject({
      verdict: 'accepted',
    });
  });

  test('disabled, enabled and revoked at once', async () => {
    const device = await world.owner();
    const named = { account: device.account, device: device.id };
    await ops.disable(named);
    expect(await app.verify({ account: device.account, code: device.code() })).toMatchObject({ reason: 'disabled' });
    await ops.enable(named);
    expect(await app.verify({ account: device.account, code: device.code() })).toMatchObject({ verdict: 'accepted' });
    await ops.revoke(named);
    expect(await app.verify({ account: device.account, code: device.code() })).toMatchObject({ reason: 'disabled' });
    await expect(ops.enable(named)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
