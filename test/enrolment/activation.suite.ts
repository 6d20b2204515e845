import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Countersign } from '@countersign/caller';
import type { EventView, ExchangeReply } from '@countersign/contracts';
import { SystemRandom } from '@countersign/runtime';
import { activate, redeeming } from '../world/activation.js';
import { MALFORMED, badPoints, flipped } from './bent.js';
import { PROFILE } from './methods/method.js';
import { allLive, oneDied, oneWillDie, world } from './shared-world.js';

const TENANT = 'beta'; // its policy is the default one
const AT_ONCE = 8;
const GONE_MS = 1500;
const TOKEN_BYTES = 16;
const NOTHING = { code: 'NOT_FOUND', message: 'this invitation cannot be used, or not any more; ask for another one' };

let app: Countersign;
let desk: Countersign;
let ops: Countersign;
let gate: Countersign;
let audit: Countersign;

beforeAll(async () => {
  app = await world.caller('app', TENANT);
  desk = await world.caller('desk', TENANT);
  ops = await world.caller('ops', TENANT);
  gate = await world.caller('gate', TENANT);
  audit = await world.caller('audit', TENANT);
});

async function invited(): Promise<{ account: string; text: string }> {
  const { name: account } = await world.account(undefined, TENANT);
  return { account, text: (await desk.issueActivation({ account, ...PROFILE })).invitation };
}
const eventsOf = async (account: string): Promise<EventView[]> => (await audit.events({ account })).events;
const typesOf = async (account: string): Promise<string[]> => (await eventsOf(account)).map(({ type }) => type);
const statusesOf = async (account: string): Promise<string[]> =>
  (await desk.devices({ account })).devices.map(({ status }) => status);

describe('one-time activation: a second use', () => {
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

test('one-time activation: a replica is killed when it has spent the token: it stays spent, and no device comes of it', async () => {
  const { account, text } = await invited();
  const { request } = redeeming(text);
  oneWillDie();
  await expect(gate.redeemActivation(request, { timeoutMs: GONE_MS })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(oneDied()).toBe(true);
  await expect(gate.redeemActivation(request)).rejects.toMatchObject(NOTHING);
  expect(await typesOf(account)).toEqual([
    ...['created', 'activation_issued', 'activation_redeemed', 'activation_reused'],
  ]);
  expect(await statusesOf(account)).toEqual([]);
  const { invitation } = await desk.issueActivation({ account, ...PROFILE });
  expect(await activate(invitation, gate, account)).toMatchObject({ profile: PROFILE });
  await allLive();
});

describe('one-time activation: an attacker', () => {
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
      ...Array.from({ length: TOKEN_BYTES }, (_, at): [object, string] => [
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
      ...[{ tenant: 'acme' }, { epoch: 2 }, { keyLength: 20 }, { wrapped: reply.wrapped.slice(0, -4) }, another],
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
