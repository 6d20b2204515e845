import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bus } from '@countersign/bus';
import { until } from '@countersign/bus/testing';
import {
  DELIVERED_SUBJECT,
  DELIVER_SUBJECT,
  keysSubject,
  type DeliverRequest,
  type DeliveryReport,
  type IssueReply,
  type RedeemReply,
} from '@countersign/contracts';
import { connectAs } from '@countersign/local';
import type { NatsConnection } from '@nats-io/transport-node';
import { MailRelay } from '../world/mail-relay.js';
import { rawClient } from '../world/raw-client.js';
import { World } from '../world/world.js';

// Two replicas of delivery and the HSM as they run, between a verification that this suite plays, a real relay and couriers.

const ACCOUNT = '0123456789abcdefghjk';
const ADA = 'ada@example.org';
const reports: DeliveryReport[] = [];
const codes: string[] = [];
let relay: MailRelay;
let world: World;
let verification: Bus;
beforeAll(async () => {
  relay = await MailRelay.start();
  world = await World.start({
    tenants: ['acme', 'beta'].map((name) => ({
      name,
      callers: { app: 'verifier', post: 'courier', other: 'courier' },
    })),
    replicas: { verification: 0, enrollment: 0, audit: 0, delivery: 2 },
    variables: {
      delivery: {
        ...relay.variables,
        LOG_LEVEL: 'debug',
      },
    },
  });
  verification = await connectAs(world.platform.folder, world.platform.natsServer, 'verification', 5000);
  verification.connection.subscribe(DELIVERED_SUBJECT, {
    queue: 'verification',
    callback: (_error, message) => {
      reports.push(message.json());
      message.respond(JSON.stringify({ noted: true }));
    },
  });
  await verification.connection.flush();
}, 60_000);
afterAll(async () => {
  await verification?.close();
  await world?.stop();
  await relay?.stop();
});

/** A challenge as verification would keep it. */
function challengeOf(tenant: string) {
  const id = Array.from(randomBytes(16), (byte) => '0123456789abcdefghjkmnpqrstvwxyz'[byte & 31]).join('');
  const [context, nonce] = [32, 16].map((length) => randomBytes(length).toString('base64url'));
  return { tenant, account: ACCOUNT, challenge: id, context, nonce, form: { kind: 'digits', length: 6 } };
}
type Challenge = ReturnType<typeof challengeOf>;

/** Has the HSM make its code and delivery send it. */
async function deliver(challenge: Challenge, wish: Pick<DeliverRequest, 'channel' | 'to'>): Promise<void> {
  const issue = { ...challenge, recipient: 'delivery' };
  const issued = await verification.request<IssueReply>(keysSubject('issue'), issue, { timeoutMs: 5000 });
  if (issued.kind !== 'issued') throw new Error(issued.kind);
  const { tenant, account, challenge: id } = challenge;
  const expiresAt = Date.now() + 300_000;
  const request = { tenant, account, challenge: id, sealed: issued.sealed, expiresAt, ...wish };
  expect(await verification.request(DELIVER_SUBJECT, request, { timeoutMs: 5000 })).toEqual({ taken: true });
}

const redeem = (challenge: Challenge, code: string): Promise<RedeemReply> =>
  verification.request(keysSubject('redeem'), { ...challenge, code }, { timeoutMs: 5000 });

test('a code that the HSM made arrives by mail, is the challenge`s, and is reported', async () => {
  const challenge = challengeOf('acme');
  await deliver(challenge, { channel: 'mail', to: ADA });
  await until('it is reported', () => reports.length === 1);
  const { account, challenge: id } = challenge;
  expect(reports.pop()).toEqual({
    tenant: 'acme',
    account,
    challenge: id,
    channel: 'mail',
    state: 'sent',
    attempts: 1,
  });
  const [mail] = relay.mails;
  expect(mail?.to).toEqual([ADA]);
  expect(mail?.text).toMatch(/^Subject: Ihr Anmeldecode\r?$/m);
  const code = /lautet (\d{6})\./.exec(mail?.text ?? '')?.[1] ?? '';
  codes.push(code);
  expect(await redeem(challenge, code)).toMatchObject({ kind: 'match' });
});

test('a courier hears the codes of its tenant that are for it, and nobody else does', async () => {
  const heard: string[] = [];
  const connections: NatsConnection[] = [];
  for (const [tenant, caller] of [
    ['acme', 'post'],
    ['acme', 'other'],
    ['beta', 'post'],
  ] as const) {
    const connection = await rawClient(caller, world.platform.callerCredentials(tenant, caller));
    connections.push(connection);
    connection.subscribe(`countersign.delivery.${caller}`, {
      callback: (_error, message) => void heard.push(`${tenant} ${caller} ${message.string()}`),
    });
    await connection.flush();
  }
  const challenge = challengeOf('acme');
  await deliver(challenge, { channel: 'subject', to: 'post:+49 151 2345' });
  await until('it is reported', () => reports.length === 1);
  expect(reports.pop()).toMatchObject({ channel: 'subject', state: 'sent' });
  for (const connection of connections) await connection.flush();
  expect(heard).toHaveLength(1);
  const [, who, caller, body = ''] = /^(\w+) (\w+) (.*)$/.exec(heard[0] ?? '') ?? [];
  expect([who, caller]).toEqual(['acme', 'post']);
  const { code, to, text } = JSON.parse(body) as Record<string, string>;
  expect(to).toBe('+49 151 2345');
  expect(text).toContain(code);
  codes.push(code ?? '');
  expect(await redeem(challenge, code ?? '')).toMatchObject({ kind: 'match' });
  for (const connection of connections) await connection.close();
});

test('the limit of a recipient holds for both replicas together, and over their restart', async () => {
  const send = () => deliver(challengeOf('acme'), { channel: 'mail', to: 'eve@example.org' });
  for (let sent = 1; sent <= 5; sent += 1) {
    await send();
    await until('it is reported', () => reports.length === sent);
  }
  const refused = { code: 'LIMIT', message: expect.stringContaining('this recipient') };
  for (let more = 0; more < 4; more += 1) await expect(send()).rejects.toMatchObject(refused);
  for (const replica of [1, 2]) {
    await world.process('delivery', replica).stop();
    await world.process('delivery', replica).start();
  }
  for (let more = 0; more < 4; more += 1) await expect(send()).rejects.toMatchObject(refused);
  await deliver(challengeOf('acme'), { channel: 'mail', to: ADA });
});

test('what another tenant has no sender for, and what was not sealed for this challenge, is refused', async () => {
  const mail = { channel: 'mail', to: ADA } as const;
  await expect(deliver(challengeOf('beta'), mail)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  const own = Buffer.from(randomBytes(87)).toString('base64url');
  const forged = { ...mail, tenant: 'acme', account: ACCOUNT, challenge: 'z'.repeat(16), expiresAt: Date.now() + 9000 };
  await expect(
    verification.request(DELIVER_SUBJECT, { ...forged, sealed: own }, { timeoutMs: 5000 }),
  ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', fields: [{ field: 'sealed' }] });
});

test('no log and no file of delivery has a code or an address', async () => {
  const { folder } = world.platform;
  for (const replica of [1, 2])
    for (const path of [folder.log(`delivery-${replica}`), folder.state(`delivery-${replica}.recent`)]) {
      const text = readFileSync(path, 'utf8');
      expect(text.length).toBeGreaterThan(0);
      for (const secret of [...codes, 'example.org', '+49']) expect(text).not.toContain(secret);
    }
});
