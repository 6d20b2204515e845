import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '@countersign/local';
import { sleep } from '@countersign/runtime';
import type { EventView, Verdict } from '@countersign/contracts';
import type { Countersign } from '@countersign/caller';
import type { Device } from '../world/device.js';
import { World } from '../world/world.js';

const REPLICAS = [1, 2];
const LOOK_EVERY_MS = 5;
const AT_ONCE = 16;
const ROUNDS = 8;

const folder = mkdtempSync(join(tmpdir(), 'countersign-retried-'));
const DIES_ONCE_FILE = join(folder, 'die');
const hook = pathToFileURL(join(ROOT, 'test/faults/dies-after-append.mjs')).href;

let world: World;
let app: Countersign;
let desk: Countersign;
let ops: Countersign;

beforeAll(async () => {
  world = await World.start({
    replicas: { verification: REPLICAS.length },
    restarts: 'never', // so that the other replica answers
    variables: { verification: { NODE_OPTIONS: `--import ${hook}`, DIES_ONCE_FILE } },
  });
  [app, desk, ops] = await Promise.all([world.caller('app'), world.caller('desk'), world.caller('ops')]);
});
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true });
});

/** From here on: the replica that stores the next verdict is killed before it answers. */
async function oneWillDie(): Promise<void> {
  await Promise.all(REPLICAS.map((replica) => world.process('verification', replica).start()));
  writeFileSync(DIES_ONCE_FILE, '');
}

const oneDied = (): boolean => !existsSync(DIES_ONCE_FILE); // it died at that very place

async function eventsOf({ account }: Device): Promise<EventView[]> {
  return (await (await world.caller('audit')).events({ account })).events;
}

const typesOf = async (device: Device, from: number): Promise<string[]> =>
  (await eventsOf(device)).slice(from).map(({ type }) => type);

describe('a replica dies between its append and its answer; the caller library asks again and gets what was stored:', () => {
  test('an acceptance, which is in the ledger once', async () => {
    const token = await world.owner();
    const request = { account: token.account, code: token.code(), requestId: 'asked-before' };
    await oneWillDie();
    const verdict = await app.verify(request);
    expect(oneDied()).toBe(true);
    expect(verdict).toMatchObject({ verdict: 'accepted', device: token.id, repeated: true });
    expect(await app.verify(request)).toEqual(verdict);
    const [, , , accepted, ...repeated] = await eventsOf(token);
    expect(accepted).toMatchObject({ type: 'accepted', sequence: verdict.sequence });
    expect(repeated).toMatchObject([{ type: 'repeated' }, { type: 'repeated' }]);
    expect(await app.verify({ ...request, requestId: 'another' })).toMatchObject({ reason: 'replayed' });
  });

  test('a rejection, which cost one attempt', async () => {
    const token = await world.owner();
    await oneWillDie();
    const verdict = await app.verify({ account: token.account, code: token.wrongCode() });
    expect(oneDied()).toBe(true);
    expect(verdict).toMatchObject({ reason: 'wrong_code', attemptsLeft: 4, repeated: true });
    expect(await typesOf(token, 3)).toEqual(['rejected']);
  });

  test('a confirmation', async () => {
    const { name: account } = await world.account();
    const token = await world.enrol(account);
    await oneWillDie();
    const verdict = await desk.confirm({ account, device: token.id, code: token.code() });
    expect(oneDied()).toBe(true);
    expect(verdict).toMatchObject({ verdict: 'accepted', repeated: true });
    expect(await typesOf(token, 2)).toEqual(['confirmed', 'repeated']);
  });

  test('a resynchronisation', async () => {
    const token = await world.owner();
    token.next += 100;
    const codes = { code: token.code(), nextCode: token.code() };
    await oneWillDie();
    const verdict = await app.resync({ account: token.account, device: token.id, ...codes });
    expect(oneDied()).toBe(true);
    expect(verdict).toMatchObject({ verdict: 'accepted', repeated: true });
    expect(await typesOf(token, 3)).toEqual(['resynced', 'repeated']);
  });
});

test('a replica dies so, and the device is revoked before anybody asks again: the revocation wins', async () => {
  const token = await world.owner();
  const request = { account: token.account, code: token.code(), requestId: 'asked-before' };
  await oneWillDie();
  const asked = app.verify(request);
  while (!oneDied()) await sleep(LOOK_EVERY_MS);
  await ops.revoke({ account: token.account, device: token.id });
  expect(await app.verify(request)).toMatchObject({ verdict: 'rejected', reason: 'disabled' });
  await asked; // the library's own retry may have come before the revocation
  const types = await typesOf(token, 3);
  expect([types[0], types.at(-1)]).toEqual(['accepted', 'revoked']);
});

test('a request many times at once, over both replicas, gets one verdict', async () => {
  const token = await world.owner();
  const request = { account: token.account, code: token.code(), requestId: 'at-once' };
  const verdicts = await Promise.all(Array.from({ length: AT_ONCE }, () => app.verify(request)));
  const [first] = verdicts.filter(({ repeated }) => !repeated);
  expect(first).toMatchObject({ verdict: 'accepted', device: token.id });
  for (const { repeated: _repeated, ...verdict } of verdicts) expect(verdict).toEqual(first);
  expect((await typesOf(token, 3)).filter((type) => type === 'accepted')).toHaveLength(1);
});

test('the same id with another code is a new attempt, and takes nothing from the first', async () => {
  const token = await world.owner();
  const [wrong, other] = [token.wrongCode(), token.code()];
  const ask = (code: string): Promise<Verdict> => app.verify({ account: token.account, code, requestId: 'one-form' });
  const rejected = await ask(wrong);
  expect(rejected).toMatchObject({ reason: 'wrong_code', attemptsLeft: 4 });
  const accepted = await ask(other);
  expect(accepted).toMatchObject({ verdict: 'accepted' });
  expect(accepted).not.toHaveProperty('repeated');
  expect(await ask(wrong)).toMatchObject({ reason: 'wrong_code', sequence: rejected.sequence, repeated: true });
  expect(await ask(other)).toEqual({ ...accepted, repeated: true });
});

test('retries while a device is disabled or revoked: once that is answered, none is accepted again', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const token = await world.owner();
    const { account, id: device } = token;
    const retry = (): Promise<Verdict> => app.verify({ account, code: first, requestId: 'raced' });
    const first = token.code();
    expect(await retry()).toMatchObject({ verdict: 'accepted' });
    const end = round % 2 === 0 ? ops.revoke({ account, device }) : ops.disable({ account, device });
    const retries = Array.from({ length: 6 }, retry);
    await end;
    expect(await retry()).toMatchObject({ verdict: 'rejected', reason: 'disabled' });
    await Promise.all(retries);
    const types = await typesOf(token, 3);
    const ended = types.findIndex((type) => type === 'revoked' || type === 'disabled');
    expect(types.slice(ended + 1)).toEqual([]);
  }
});
