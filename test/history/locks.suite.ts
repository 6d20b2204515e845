import { expect, test } from '@jest/globals';
import { sleep } from '@countersign/runtime';
import { app, audit, desk, ops, told, toldInTurn, world } from './shared-world.js';

const FREE = 5; // wrong codes, before everybody has to wait
const FIRST_LOOK_MS = 200; // enough for verification to look; where it is not, it only looks later

test('a stranger who guesses does not keep the owner out (GHSA-cq42-vhv7-xr7p)', async () => {
  const token = await world.owner();
  const home = { account: token.account, origin: 'home' };
  expect(await told(app.verify({ ...home, code: token.code() }))).toBe('accepted');
  const code = token.wrongCode();
  await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      told(app.verify({ account: token.account, code, ...(n % 2 === 0 && { origin: `stranger-${n}` }) })),
    ),
  );
  expect(await told(app.verify({ account: token.account, code: token.code() }))).toBe('locked');
  for (let days = 0; days < 3; days += 1)
    expect(await told(app.verify({ ...home, code: token.code() }))).toBe('accepted');
});

test('a device disabled between the first look and the verdict opens nothing (CVE-2026-9798)', async () => {
  const token = await world.owner();
  const { account, id: device } = token;
  const keys = await world.fault('service-hanging:key-derivation');
  const asked = told(app.verify({ account, code: token.code() }, { timeoutMs: 10_000 }));
  await sleep(FIRST_LOOK_MS);
  await ops.disable({ account, device });
  await keys.undo();
  expect(await asked).toBe('disabled');
  const { events } = await audit.events({ account });
  expect(events.map(({ type }) => type)).not.toContain('accepted');
});

test('a lock or a revocation between enrolment and confirmation holds for the confirmation (CVE-2026-9798)', async () => {
  const owner = await world.owner();
  const pending = await world.enrol(owner.account);
  const first = { account: owner.account, device: pending.id, code: pending.code() };
  await toldInTurn(owner.account, Array<string>(FREE).fill(owner.wrongCode()));
  expect(await told(desk.confirm(first))).toBe('locked');
  await ops.unlock({ account: owner.account });
  await ops.revoke({ account: owner.account, device: pending.id });
  expect(await told(desk.confirm(first))).toBe('CONFLICT');
});

test('a client that sends several times what was typed once pays once, and who tries other codes each time (multiOTP 73)', async () => {
  const token = await world.owner();
  const { account } = token;
  const mistyped = { account, code: token.wrongCode(), requestId: 'connection-1' };
  for (let times = 0; times < 2 * FREE; times += 1)
    expect(await app.verify(mistyped)).toMatchObject({ reason: 'wrong_code', attemptsLeft: FREE - 1 });
  const typed = { account, code: token.code(), requestId: 'connection-2' };
  for (let times = 0; times < 3; times += 1) expect(await told(app.verify(typed))).toBe('accepted');
  const withoutId = { account, code: typed.code };
  expect(await app.verify(withoutId)).toMatchObject({ reason: 'replayed', attemptsLeft: FREE });
  for (const requestId of ['connection-3', 'connection-4', 'connection-5', 'connection-6', 'connection-7'])
    expect(await told(app.verify({ ...mistyped, requestId }))).toBe('wrong_code');
  expect(await told(app.verify({ ...typed, code: token.code() }))).toBe('locked');
});
