import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Countersign } from '@countersign/caller';
import {
  DEVICE_ID_LENGTH,
  profileOf,
  type BeginRekeyReply,
  type ConfirmRekeyRequest,
  type EventView,
  type ImportRequest,
} from '@countersign/contracts';
import { ROOT } from '@countersign/local';
import { beginExchange, wrapForImport } from '@countersign/pairing';
import { Secret, SystemRandom, randomId } from '@countersign/runtime';
import { Device } from '../world/device.js';
import { attestedEpoch, rekeyOf } from '../world/rekey.js';
import { World } from '../world/world.js';

const START_MS = 120_000;
const GONE_MS = 3000;
const REPLICAS = [1, 2];
const AT_ONCE = 6;
const NO_REKEY = { code: 'NOT_FOUND', message: expect.stringContaining('present key did not prove') };
const NOTHING_WAITS = { code: 'NOT_FOUND', message: expect.stringContaining('no re-key of such a device waits') };

const folder = mkdtempSync(join(tmpdir(), 'countersign-life-'));
const DIES_ONCE_FILE = join(folder, 'die');
const hook = pathToFileURL(join(ROOT, 'test/enrolment/dies-where-told.mjs')).href;

let world: World;
let app: Countersign;
let desk: Countersign;
let ops: Countersign;
let gate: Countersign;
let audit: Countersign;
let identity: string;

/** Two replicas of both services that write, of which one is killed where the file says. */
beforeAll(async () => {
  const callers = { app: 'verifier', desk: 'enroller', ops: 'operator', audit: 'auditor', gate: 'gateway' } as const;
  const variables = { NODE_OPTIONS: `--import ${hook}`, DIES_ONCE_FILE };
  world = await World.start({
    tenants: [{ name: 'acme', callers }],
    replicas: { enrollment: REPLICAS.length, verification: REPLICAS.length },
    restarts: 'never',
    variables: { enrollment: variables, verification: variables },
  });
  [app, desk, ops, gate, audit] = await Promise.all([
    world.caller('app'),
    world.caller('desk'),
    world.caller('ops'),
    world.caller('gate'),
    world.caller('audit'),
  ]);
  identity = world.publicKeys.identity;
}, START_MS);
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true });
});

const eventsOf = async (account: string): Promise<EventView[]> => (await audit.events({ account })).events;
const typesOf = async ({ account }: Device): Promise<string[]> => (await eventsOf(account)).map(({ type }) => type);
const epochOf = (device: Device): Promise<number> => attestedEpoch(gate, device, identity);
const begin = (device: Device, epoch = 1): Promise<{ next: Device; answer: BeginRekeyReply }> => {
  const { request, finish } = rekeyOf(device, identity, epoch);
  return gate.beginRekey(request).then((answer) => ({ next: finish(answer), answer }));
};
const confirming = (next: Device, rest: Partial<ConfirmRekeyRequest> = {}): ConfirmRekeyRequest => ({
  ...{ id: next.accountId, device: next.id, epoch: 2, code: next.code() },
  ...rest,
});
const worksAt = async (device: Device): Promise<boolean> =>
  (await app.verify({ account: device.account, code: device.code() })).verdict === 'accepted';

/** A token of a new account, with a seed from elsewhere. */
async function imported(wish: Pick<ImportRequest, 'activate'>): Promise<Device> {
  const { name: account, id } = await world.account();
  const seed = Buffer.from('12345678901234567890');
  const device = randomId(new SystemRandom(), DEVICE_ID_LENGTH);
  const profile = profileOf({ type: 'hotp' });
  const wrapped = wrapForImport({
    seed: new Secret(Buffer.from(seed)),
    parameters: { tenant: 'acme', account: id, device, epoch: 1, profile },
    importKey: await ops.importKey({}),
    pinnedIdentityKey: identity,
  });
  await ops.importDevice({ account, device, ...profile, ...wrapped, ...wish });
  return new Device(account, id, device, profile, seed, 0);
}

describe('a re-key', () => {
  test('through a gateway: the present key works until the next one is confirmed, and never after', async () => {
    const device = await world.owner();
    const { next, answer } = await begin(device);
    expect(answer).toMatchObject({ epoch: 2, device: device.id, account: device.accountId });
    expect([await worksAt(next), await worksAt(device), await epochOf(device)]).toEqual([false, true, 1]);
    expect((await desk.devices({ account: device.account })).devices).toMatchObject([{ epoch: 1, next: { epoch: 2 } }]);
    const request = confirming(next, { requestId: 'rekey-1' });
    const verdict = await gate.confirmRekey(request);
    expect(verdict).toMatchObject({ verdict: 'accepted', device: device.id });
    expect(await gate.confirmRekey(request)).toEqual({ ...verdict, repeated: true });
    expect([await worksAt(device), await worksAt(next), await epochOf(device)]).toEqual([false, true, 2]);
    const types = await typesOf(device);
    expect(types.filter((type) => type.startsWith('rekey'))).toEqual(['rekeying', 'rekeyed']);
    const third = await begin(next, 2);
    await gate.confirmRekey(confirming(third.next, { epoch: 3 }));
    expect([await worksAt(next), await worksAt(third.next), await epochOf(device)]).toEqual([false, true, 3]);
  });

  test('of a seed from elsewhere ends in a key that never left the HSM but for the device', async () => {
    const device = await imported({ activate: true });
    const { next } = await begin(device);
    await gate.confirmRekey(confirming(next));
    expect([await worksAt(device), await worksAt(next)]).toEqual([false, true]);
  });

  test('that is begun twice, or at once from everywhere, has one next key: the last one', async () => {
    const device = await world.owner();
    const first = await begin(device);
    const told = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => begin(device)));
    const made = told.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(made.length).toBeGreaterThan(0);
    const last = made.reduce((one, other) => (one.answer.sequence > other.answer.sequence ? one : other));
    const superseded = await gate.confirmRekey(confirming(first.next));
    expect(superseded).toMatchObject({ verdict: 'rejected', reason: 'wrong_code' });
    expect(await gate.confirmRekey(confirming(last.next))).toMatchObject({ verdict: 'accepted' });
    expect(await worksAt(last.next)).toBe(true);
    await expect(gate.confirmRekey(confirming(last.next))).rejects.toMatchObject(NOTHING_WAITS);
  });

  test('of which nothing is there is refused in the same words, and writes nothing', async () => {
    const device = await world.owner();
    const other = await world.owner();
    const { request } = rekeyOf(device, identity);
    const { request: foreign } = rekeyOf(other, identity);
    const changes = [
      { proof: foreign.proof },
      { proof: request.proof.slice(0, -11) + 'A'.repeat(11) },
      { proof: Buffer.concat([Buffer.from(request.proof, 'base64url'), Buffer.alloc(12)]).toString('base64url') },
      { point: beginExchange().point },
      { id: other.accountId },
      { id: '0'.repeat(20) },
      { device: other.id },
      { device: '0'.repeat(12) },
      rekeyOf(device, identity, 2).request,
    ];
    const before = await typesOf(device);
    for (const change of changes)
      await expect(gate.beginRekey({ ...request, ...change })).rejects.toMatchObject(NO_REKEY);
    await expect(gate.beginRekey({ ...request, point: 'AAAA' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(gate.confirmRekey(confirming(device))).rejects.toMatchObject(NOTHING_WAITS);
    await expect(gate.confirmRekey(confirming(device, { id: '0'.repeat(20) }))).rejects.toMatchObject(NOTHING_WAITS);
    expect(await typesOf(device)).toEqual(before);
    await ops.disable({ account: device.account, device: device.id });
    await expect(gate.beginRekey(request)).rejects.toMatchObject(NO_REKEY);
  });

  test('cannot be answered by anybody but the HSM that has the present key', async () => {
    const device = await world.owner();
    const { request, finish } = rekeyOf(device, identity);
    const answer = await gate.beginRekey(request);
    const elsewhere = (await begin(await world.owner())).answer;
    const changes: Partial<BeginRekeyReply>[] = [
      { wrapped: elsewhere.wrapped },
      { point: elsewhere.point },
      { signature: elsewhere.signature },
      { seal: elsewhere.seal },
      { epoch: 3 },
      { account: elsewhere.account },
      { device: elsewhere.device },
      { tenant: 'beta' },
      { profile: { ...answer.profile, digits: 7 } },
    ];
    for (const change of changes) expect(() => finish({ ...answer, ...change })).toThrow('present key');
  });
});

describe('kill -9 in the middle of a re-key: exactly one key works, and both sides know which', () => {
  async function oneWillDie(service: 'enrollment' | 'verification', place: string): Promise<void> {
    await Promise.all(REPLICAS.map((replica) => world.process(service, replica).start()));
    writeFileSync(DIES_ONCE_FILE, place);
  }
  const oneDied = (): boolean => !existsSync(DIES_ONCE_FILE);

  async function exactlyOneWorks(present: Device, next: Device | undefined): Promise<number> {
    const epoch = await epochOf(present);
    const works = [await worksAt(present), next !== undefined && (await worksAt(next))];
    expect(works).toEqual([epoch === 1, epoch === 2]);
    return epoch;
  }

  test.each(['record', 'before', 'after'])('enrollment, while it begins: %s', async (place) => {
    const device = await world.owner();
    const { request } = rekeyOf(device, identity);
    await oneWillDie('enrollment', place);
    await expect(gate.beginRekey(request, { timeoutMs: GONE_MS })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(oneDied()).toBe(true);
    expect(await exactlyOneWorks(device, undefined)).toBe(1);
    const { next } = await begin(device); // nothing stands in the way of beginning again
    expect(await gate.confirmRekey(confirming(next))).toMatchObject({ verdict: 'accepted' });
    expect(await exactlyOneWorks(device, next)).toBe(2);
  });

  test.each(['before', 'after'])('verification, while it confirms: %s its append', async (place) => {
    const device = await world.owner();
    const { next } = await begin(device);
    const request = confirming(next, { requestId: `killed-${place}` });
    await oneWillDie('verification', place);
    const asked = gate.confirmRekey(request, { timeoutMs: GONE_MS }).catch(() => undefined);
    while (!oneDied()) await new Promise(setImmediate);
    await asked; // the caller library may have asked the other replica by itself
    const epoch = await exactlyOneWorks(device, next);
    if (place === 'after') expect(epoch).toBe(2);
    expect(await gate.confirmRekey(request)).toMatchObject({ verdict: 'accepted' });
    expect(await exactlyOneWorks(device, next)).toBe(2);
    const types = await typesOf(device);
    expect(types.filter((type) => type === 'rekeyed')).toHaveLength(1);
  });
});

test('codes of both keys in a race with the confirmation: none of the present key after it', async () => {
  const device = await world.owner();
  const { next } = await begin(device);
  const codes = Array.from({ length: AT_ONCE }, () => device.code());
  const confirmed = gate.confirmRekey(confirming(next));
  const [verdict] = await Promise.all([
    confirmed,
    ...codes.map((code) => app.verify({ account: device.account, code }).catch(() => undefined)),
  ]);
  expect(verdict).toMatchObject({ verdict: 'accepted' });
  const types = await typesOf(device);
  expect(types.slice(types.indexOf('rekeyed')).filter((type) => type === 'accepted')).toEqual([]);
  await ops.unlock({ account: device.account });
  expect(await worksAt(next)).toBe(true);
});

describe('an attestation', () => {
  test('says how a device stands, and when its key is due to be followed', async () => {
    const device = await world.owner();
    const question = { id: device.accountId, device: device.id, challenge: Buffer.alloc(32, 1).toString('base64url') };
    expect(await gate.attest(question)).not.toHaveProperty('rekeyDue');
    await ops.disable({ account: device.account, device: device.id });
    expect(await gate.attest(question)).toMatchObject({ status: 'disabled', epoch: 1 });
    const nowhere = { code: 'NOT_FOUND', message: 'there is no such device' };
    await expect(gate.attest({ ...question, device: '0'.repeat(12) })).rejects.toMatchObject(nowhere);
    await expect(gate.attest({ ...question, id: '0'.repeat(20) })).rejects.toMatchObject(nowhere);
  });
});

test('a lost phone is replaced: it works until its successor is confirmed, and never after', async () => {
  const lost = await world.owner({ algorithm: 'SHA256', digits: 8 });
  const exchange = beginExchange();
  const { account, id: device } = lost;
  const answer = await desk.replace({ account, device, point: exchange.point });
  const asked = { tenant: 'acme', profile: { ...lost.profile, counter: 0 } };
  const key = Buffer.from(exchange.finish(answer, identity, asked).reveal());
  const next = new Device(account, lost.accountId, answer.device, answer.profile, key, 0);
  expect(await worksAt(lost)).toBe(true);
  await gate.confirm({ id: lost.accountId, device: next.id, code: next.code() });
  expect([await worksAt(lost), await worksAt(next)]).toEqual([false, true]);
  expect((await eventsOf(account)).filter((event) => 'replaced' in event)).toMatchObject([{ replaced: device }]);
  await expect(desk.replace({ account, device, point: exchange.point })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a token that is imported for its first use signs in without a first code, and by policy all do', async () => {
  const first = await imported({ activate: 'first-use' });
  const statusOf = async ({ account }: Device) => (await desk.devices({ account })).devices[0];
  expect(await statusOf(first)).toMatchObject({ status: 'pending', firstUse: true });
  expect(await worksAt(first)).toBe(true);
  expect(await statusOf(first)).toMatchObject({ status: 'active' });
  expect((await eventsOf(first.account)).at(-1)).toMatchObject({ type: 'accepted', activated: true });
  const { version } = await ops.policy({});
  await ops.setPolicy({ version, onImport: 'first-use' });
  expect(await statusOf(await imported({}))).toMatchObject({ status: 'pending', firstUse: true });
  expect(await statusOf(await imported({ activate: false }))).not.toHaveProperty('firstUse');
});

describe('an account that is erased', () => {
  test('opens to nobody, by no name; its history stays; its names may be given to others', async () => {
    const device = await world.owner();
    const { account, accountId: id } = device;
    const [created] = await eventsOf(account);
    const { next } = await begin(device);
    await desk.issueActivation({ account, type: 'totp' });
    await desk.names({ account, add: [`${account}-two`] });
    expect(await ops.erase({ account })).toMatchObject({ id });
    for (const name of [account, `${account}-two`]) {
      expect(await app.verify({ account: name, code: device.code() })).toMatchObject({ reason: 'wrong_code' }); // nobody's
      await expect(desk.account({ account: name })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(ops.erase({ account: name })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    await expect(gate.confirmRekey(confirming(next))).rejects.toMatchObject(NOTHING_WAITS);
    await expect(gate.beginRekey(rekeyOf(device, identity).request)).rejects.toMatchObject(NO_REKEY);
    const events = (await audit.events({ after: created!.sequence })).events.filter((event) => event.account === id);
    const types = events.map(({ type }) => type);
    expect([types[0], types.at(-1)]).toEqual(['enrolled', 'erased']);
    const { id: another } = await desk.createAccount({ names: [account] });
    expect(another).not.toBe(id);
    expect((await desk.devices({ account })).devices).toEqual([]);
  });

  test('is finished by whoever asks again after a crash in between', async () => {
    const device = await world.owner();
    const { account } = device;
    await desk.names({ account, add: [`${account}-two`] });
    await Promise.all(REPLICAS.map((replica) => world.process('enrollment', replica).start()));
    writeFileSync(DIES_ONCE_FILE, 'after');
    await expect(ops.erase({ account }, { timeoutMs: GONE_MS })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(existsSync(DIES_ONCE_FILE)).toBe(false);
    expect(await worksAt(device)).toBe(false);
    await expect(desk.exchange({ account, type: 'totp', point: beginExchange().point })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await ops.erase({ account });
    for (const name of [account, `${account}-two`])
      await expect(ops.erase({ account: name })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
