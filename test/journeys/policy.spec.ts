import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Countersign } from '@countersign/caller';
import { addCaller } from '@countersign/local';
import { sleep } from '@countersign/runtime';
import { recorder } from '../torture/recorder/recorder.js';
import { World } from '../world/world.js';

const START_MS = 120_000;
const IN_FORCE_MS = 5_000;

let world: World;
let ops: Countersign;
let app: Countersign;
let evaluations: string;

beforeAll(async () => {
  evaluations = mkdtempSync(join(tmpdir(), 'policy-'));
  const variables = { 'key-derivation': recorder(evaluations) };
  world = await World.start({ replicas: { verification: 2, 'key-derivation': 2 }, variables });
  [ops, app] = await Promise.all([world.caller('ops'), world.caller('app')]);
}, START_MS);
afterAll(async () => {
  await world.stop();
  rmSync(evaluations, { recursive: true });
});

/** Wrong codes of a device that each replica of the key service evaluated, answered or not. */
function missesOf(device: string): number[] {
  const misses = readdirSync(evaluations).map((file) => {
    const lines = readFileSync(join(evaluations, file), 'utf8').trim().split('\n').filter(Boolean);
    const all = lines.map((line) => JSON.parse(line) as { device: string; result: string });
    return all.filter((each) => each.device === device && each.result === 'none').length;
  });
  expect(misses.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(5);
  return misses;
}

test('guesses in parallel over names, origins, callers and replicas get five answers, and the owner is not kept out', async () => {
  await addCaller(world.platform.folder, 'acme', 'shop', 'verifier');
  const device = await world.owner();
  const names = [device.account, `${device.account}-2`, `${device.account}-3`];
  await ops.names({ account: device.account, add: names.slice(1) });
  const home = { account: device.account, origin: 'home' };
  expect(await app.verify({ ...home, code: device.code() })).toMatchObject({ verdict: 'accepted' });
  const callers = [app, await world.caller('shop')];
  const code = device.wrongCode();
  const guesses = Array.from({ length: 60 }, (_, n) => {
    const origin = n % 2 === 0 ? {} : { origin: `elsewhere-${n}` };
    const caller = callers[n % callers.length] as Countersign;
    return caller.verify({ account: names[n % names.length] as string, code, ...origin });
  });
  const told = await Promise.allSettled(guesses);
  const reasons = told.map((each) => (each.status === 'fulfilled' ? each.value.reason : 'no verdict'));
  expect(reasons.filter((reason) => reason === 'wrong_code')).toHaveLength(5);
  for (const count of missesOf(device.id)) expect(count).toBeLessThanOrEqual(30); // a replica's, in less than a minute
  expect(new Set(reasons)).toEqual(
    new Set(['wrong_code', 'locked', ...(reasons.includes('no verdict') ? ['no verdict'] : [])]),
  );
  expect(await app.verify({ account: device.account, code: device.code() })).toMatchObject({ reason: 'locked' });
  expect(await app.verify({ ...home, code: device.code() })).toMatchObject({ verdict: 'accepted' });
});

test('a token that ran ahead is taken up again by two codes in a row, once, and never goes back', async () => {
  const token = await world.owner();
  const { account, id: device } = token;
  const behind = [token.codeAt(token.next), token.codeAt(token.next + 1)] as const;
  token.next += 900;
  expect(await app.verify({ account, code: token.codeAt(token.next) })).toMatchObject({ reason: 'wrong_code' });
  const [code, nextCode] = [token.code(), token.code()];
  expect(await app.resync({ account, device, code, nextCode: code })).toMatchObject({
    reason: 'wrong_code',
    attemptsLeft: 3,
  });
  const first = await app.resync({ account, device, code, nextCode, requestId: 'r1' });
  expect(first).toMatchObject({ verdict: 'accepted', device });
  expect(await app.resync({ account, device, code, nextCode, requestId: 'r1' })).toEqual({ ...first, repeated: true });
  expect(await app.resync({ account, device, code, nextCode })).toMatchObject({ reason: 'wrong_code' });
  expect(await app.resync({ account, device, code: behind[0], nextCode: behind[1] })).toMatchObject({
    reason: 'wrong_code',
  });
  expect(await app.verify({ account, code: nextCode })).toMatchObject({ reason: 'replayed' });
  expect(await app.verify({ account, code: token.code() })).toMatchObject({ verdict: 'accepted', device });
  const nobody = await app.resync({ account: 'nobody-has-this', device, code, nextCode });
  expect(nobody).toMatchObject({ verdict: 'rejected', reason: 'disabled' });
});

test('a code that was passed over is told of, and where the policy says so the device is disabled until enabled', async () => {
  const [shop, opsOfBeta, audit] = await Promise.all(['app', 'ops', 'audit'].map((name) => world.caller(name, 'beta')));
  const told = async () => (await audit!.events({ limit: 200 })).events.filter((event) => 'suspicion' in event);
  await opsOfBeta!.setPolicy({ version: 0, onSuspicion: 'lock' });
  const token = await world.owner({}, 'beta');
  const { account, id: device } = token;
  const passedOver = token.code();
  await sleep(IN_FORCE_MS);
  expect(await shop!.verify({ account, code: token.code() })).toMatchObject({ verdict: 'accepted' });
  expect(await shop!.verify({ account, code: passedOver })).toMatchObject({ reason: 'replayed', device });
  expect(await shop!.verify({ account, code: token.code() })).toMatchObject({ reason: 'disabled' });
  expect(await told()).toMatchObject([{ type: 'replayed', device, suspicion: { sign: 'behind', disabled: true } }]);
  await opsOfBeta!.enable({ account, device });
  expect(await shop!.verify({ account, code: token.code() })).toMatchObject({ verdict: 'accepted' });
});

test('a policy is in force within five seconds on every replica, and no other tenant notices', async () => {
  const [mine, theirs] = await Promise.all([world.owner(), world.owner({}, 'beta')]);
  const betaApp = await world.caller('app', 'beta');
  const before = await ops.policy({});
  expect(before.version).toBe(0);
  const decided = await ops.setPolicy({ version: 0, freeAttempts: 2, minDigits: 8 });
  await sleep(IN_FORCE_MS);
  const wrong = { account: mine.account, code: mine.wrongCode() };
  const told = await Promise.all(Array.from({ length: 4 }, () => app.verify(wrong)));
  expect(told.map(({ reason }) => reason).sort()).toEqual(['locked', 'locked', 'wrong_code', 'wrong_code']);
  expect(await betaApp.verify({ account: theirs.account, code: theirs.wrongCode() })).toMatchObject({
    attemptsLeft: 4,
  });
  await expect(world.owner()).rejects.toMatchObject({ code: 'LIMIT' });
  await expect(ops.setPolicy({ version: 0, freeAttempts: 3 })).rejects.toMatchObject({ code: 'CONFLICT' });
  const { version } = await ops.setPolicy({ version: decided.version, minDigits: 6, freeAttempts: 5 });
  const history = await ops.policyHistory({});
  expect(history.policies.map((each) => [each.version, each.by, each.policy.freeAttempts])).toEqual([
    [decided.version, 'ops', 2],
    [version, 'ops', 5],
  ]);
  const auditor = await world.caller('audit');
  const { events } = await auditor.events({ after: decided.version - 1, limit: 200 });
  expect(events.filter(({ type }) => type === 'policy')).toHaveLength(2);
  expect(events.filter((event) => 'closed' in event)).toMatchObject([
    { type: 'rejected', policyVersion: decided.version },
  ]);
});
