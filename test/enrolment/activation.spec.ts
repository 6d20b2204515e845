import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '@countersign/local';
import { SystemRandom } from '@countersign/runtime';
import type { Countersign } from '@countersign/caller';
import type { EventView, ExchangeReply, RedeemActivationRequest } from '@countersign/contracts';
import { activate, redeeming } from '../world/activation.js';
import { World } from '../world/world.js';

const START_MS = 120_000;
const AT_ONCE = 8;
const GONE_MS = 3000;
const PROFILE = { type: 'hotp', algorithm: 'SHA256', digits: 8 } as const;
const NOTHING = { code: 'NOT_FOUND', message: 'this invitation cannot be used, or not any more; ask for another one' };

const folder = mkdtempSync(join(tmpdir(), 'countersign-activation-'));
const DIES_ONCE_FILE = join(folder, 'die');
const hook = pathToFileURL(join(ROOT, 'test/faults/dies-after-append.mjs')).href;

let world: World;
let app: Countersign;
let desk: Countersign;
let ops: Countersign;
let gate: Countersign;
let audit: Countersign;

/** Two replicas of enrollment, of which one is killed after its next append while the file is there. */
beforeAll(async () => {
  const callers = { app: 'verifier', desk: 'enroller', ops: 'operator', audit: 'auditor', gate: 'gateway' } as const;
  world = await World.start({
    tenants: [{ name: 'acme', callers }],
    replicas: { enrollment: 2 },
    restarts: 'never',
    variables: { enrollment: { NODE_OPTIONS: `--import ${hook}`, DIES_ONCE_FILE } },
  });
  const names = ['app', 'desk', 'ops', 'gate', 'audit'] as const;
  [app, desk, ops, gate, audit] = (await Promise.all(names.map((name) => world.caller(name)))) as [
    ...[Countersign, Countersign, Countersign, Countersign, Countersign],
  ];
}, START_MS);
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true });
});

async function invited(): Promise<{ account: string; text: string }> {
  const { name: account } = await world.account();
  return { account, text: (await desk.issueActivation({ account, ...PROFILE })).invitation };
}
const eventsOf = async (account: string): Promise<EventView[]> => (await audit.events({ account })).events;
const typesOf = async (account: string): Promise<string[]> => (await eventsOf(account)).map(({ type }) => type);
const statusesOf = async (account: string): Promise<string[]> =>
  (await desk.devices({ account })).devices.map(({ status }) => status);

describe('a second use', () => {
  test('disables the device that the first use made, until an operator gives it back', async () => {
    const { account, text } = await invited();
    const device = await activate(text, gate, account);
    await gate.confirm({ id: device.accountId, device: device.id, code: device.code() });
    await expect(activate(text, gate, account)).rejects.toMatchObject(NOTHING);
    expect(await app.verify({ account, code: device.code() })).toMatchObject({ reason: 'disabled' });
    expect((await eventsOf(account)).at(-1)).toMatchObject({
      ...{ type: 'activation_reused', by: 'gate', device: device.id, disabled: true },
    });
    await ops.enable({ account, device: device.id });
    expect(await app.verify({ account, code: device.code() })).toMatchObject({ verdict: 'accepted' });
  });

  test('before the first code leaves no device at all', async () => {
    const { account, text } = await invited();
    const device = await activate(text, gate, account);
    await expect(activate(text, gate, account)).rejects.toMatchObject(NOTHING);
    expect(await statusesOf(account)).toEqual(['revoked']);
    const first = { id: device.accountId, device: device.id, code: device.code() };
    await expect(gate.confirm(first)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('and more, at once, on two replicas: the token is spent once, and nobody keeps a device', async () => {
    const { account, text } = await invited();
    const told = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => activate(text, gate, account)));
    expect(told.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    const types = await typesOf(account);
    expect(types.filter((type) => type === 'activation_redeemed')).toHaveLength(1);
    expect(types.filter((type) => type === 'activation_reused').length).toBeGreaterThanOrEqual(1);
    expect((await statusesOf(account)).filter((status) => status !== 'revoked')).toEqual([]);
  });
});

test('a replica is killed when it has spent the token: it stays spent, and no device comes of it', async () => {
  const { account, text } = await invited();
  const { request } = redeeming(text);
  writeFileSync(DIES_ONCE_FILE, '');
  await expect(gate.redeemActivation(request, { timeoutMs: GONE_MS })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(existsSync(DIES_ONCE_FILE)).toBe(false);
  await expect(gate.redeemActivation(request)).rejects.toMatchObject(NOTHING);
  expect(await typesOf(account)).toEqual([
    ...['created', 'activation_issued', 'activation_redeemed', 'activation_reused'],
  ]);
  expect(await statusesOf(account)).toEqual([]);
  const { invitation } = await desk.issueActivation({ account, ...PROFILE });
  expect(await activate(invitation, gate, account)).toMatchObject({ profile: PROFILE });
});

describe('an attacker', () => {
  test('who has a superseded token has nothing, and his use is not even noted', async () => {
    const { account, text } = await invited();
    const { invitation } = await desk.issueActivation({ account, ...PROFILE });
    const before = await typesOf(account);
    await expect(activate(text, gate, account)).rejects.toMatchObject(NOTHING);
    expect(await typesOf(account)).toEqual(before);
    expect(await activate(invitation, gate, account)).toMatchObject({ profile: PROFILE });
  });

  test('who changes the request in any field spends nothing: the device redeems after him', async () => {
    const { account, text } = await invited();
    const { text: other } = await invited();
    const { request } = redeeming(text);
    const { request: elsewhere } = redeeming(other);
    const changed: [object, string][] = [
      [{ id: elsewhere.id }, 'NOT_FOUND'],
      [{ token: elsewhere.token }, 'NOT_FOUND'],
      ...[...bytesOf(request.token).keys()].map((at): [object, string] => [
        { token: flipped(request.token, at) },
        'NOT_FOUND',
      ]),
      ...badPoints(request.point).map((point): [object, string] => [{ point }, 'INVALID_ARGUMENT']),
      ...MALFORMED.flatMap((value) =>
        ['id', 'token', 'point'].map((field): [object, string] => [{ [field]: value }, 'INVALID_ARGUMENT']),
      ),
      [{ token: `${request.token}=` }, 'INVALID_ARGUMENT'],
      [{ token: request.token.slice(0, -2) }, 'INVALID_ARGUMENT'],
      [{ profile: PROFILE }, 'INVALID_ARGUMENT'],
      [{ account }, 'INVALID_ARGUMENT'],
    ];
    for (const [change, code] of changed) {
      const answer = gate.redeemActivation({ ...request, ...change });
      await expect(answer).rejects.toMatchObject({ code });
    }
    expect(await typesOf(account)).toEqual(['created', 'activation_issued']);
    expect(await activate(text, gate, account)).toMatchObject({ profile: PROFILE });
  });

  test('who changes the reply in any field, or sends another one, gives the device no key', async () => {
    const scalar = new SystemRandom().bytes(32);
    const { text } = await invited();
    const device = () => redeeming(text, { bytes: () => scalar }); // the same point each time, since it takes one answer
    const reply = await gate.redeemActivation(device().request);
    const another = await gate.redeemActivation(redeeming((await invited()).text).request);
    const open = (received: ExchangeReply) => {
      const { invitation, exchange } = device();
      const { tenant, account } = invitation;
      return exchange.finish(received, invitation.identity, { tenant, account, profile: received.profile });
    };
    const signed = ['account', 'device', 'point', 'wrapped', 'signature'] as const;
    const profiles = [{ type: 'totp' }, { algorithm: 'SHA1' }, { digits: 6 }, { stepSeconds: 60 }, { counter: 1 }];
    const changes: object[] = [
      ...signed.map((field) => ({ [field]: another[field] })),
      ...signed.slice(2).map((field) => ({ [field]: flipped(reply[field], 20) })),
      ...badPoints(reply.point).map((point) => ({ point })),
      ...[{ tenant: 'beta' }, { epoch: 2 }, { keyLength: 20 }, { wrapped: reply.wrapped.slice(0, -4) }, another],
      ...[...profiles, { t0Seconds: 1 }].map((change) => ({ profile: { ...reply.profile, ...change } })),
      ...Object.keys(reply)
        .filter((field) => !['expiresAt', 'sequence'].includes(field))
        .map((field) => ({ [field]: null })),
    ];
    for (const change of changes)
      expect(() => open({ ...reply, ...change })).toThrow(expect.objectContaining({ name: 'PairingError' }));
    expect(open(reply)).toHaveLength(32);
  });

  test('who brings the token with a point of his own has an answer that opens for him alone, and no second one', async () => {
    const { account, text } = await invited();
    const owner = redeeming(text);
    const stolen = await gate.redeemActivation({ ...owner.request, point: redeeming(text).request.point });
    const { tenant, identity } = owner.invitation;
    const asked = { tenant, account: stolen.account, profile: stolen.profile };
    expect(() => owner.exchange.finish(stolen, identity, asked)).toThrow(/signature|identity/);
    await expect(gate.redeemActivation(owner.request)).rejects.toMatchObject(NOTHING);
    expect(await statusesOf(account)).toEqual(['revoked']);
  });
});

const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64url');
function flipped(text: string, at: number): string {
  const bytes = bytesOf(text);
  bytes[at]! ^= 1;
  return bytes.toString('base64url');
}

/** Compressed, hybrid, off the curve, the identity, cut, one byte too long (SEC 1 section 2.3.3). */
function badPoints(point: string): string[] {
  const good = bytesOf(point);
  const odd = good[64]! & 1;
  const forms = [
    Buffer.concat([Buffer.from([2 + odd]), good.subarray(1, 33)]),
    Buffer.concat([Buffer.from([6 + odd]), good.subarray(1)]),
    Buffer.concat([good.subarray(0, 33), Buffer.alloc(32)]),
    Buffer.from([0]),
    Buffer.alloc(65),
    good.subarray(0, 64),
    Buffer.concat([good, Buffer.from([0])]),
  ];
  return [...forms.map((form) => form.toString('base64url')), flipped(point, 64)];
}

const MALFORMED = ['', null, 7, [], {}, 'A'.repeat(300)];
