import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { NatsConnection } from '@nats-io/nats-core';
import { callerSubject, parseCaller, type ServiceName, type Verb } from '@countersign/contracts';
import type { Device } from '../world/device.js';
import { rawClient } from '../world/raw-client.js';
import { World } from '../world/world.js';

/**
 * Every service is restarted, one replica after the other, while backends ask that do not ask again: nothing fails.
 * Requests go over NATS's own library, because ours would hide a failure by asking another time.
 */
const ROLLED: ServiceName[] = ['key-derivation', 'verification', 'enrollment', 'audit'];
const REPLICAS = 2;
const SIGNING_IN = 6;

let world: World;
const clients = new Map<string, NatsConnection>();

beforeAll(async () => {
  world = await World.start({ replicas: Object.fromEntries(ROLLED.map((service) => [service, REPLICAS])) });
  for (const name of ['app', 'desk', 'audit'])
    clients.set(name, await rawClient(name, world.platform.callerCredentials('acme', name)));
});
afterAll(async () => {
  for (const client of clients.values()) await client.close();
  await world?.stop();
});

async function ask(caller: string, verb: Verb, message: object): Promise<Record<string, unknown>> {
  const subject = callerSubject(parseCaller(caller), verb);
  const reply = await (clients.get(caller) as NatsConnection).request(subject, JSON.stringify(message), {
    timeout: 5000,
  });
  return reply.json();
}

test('a rolling restart of all services under load: no request fails, none is asked twice', async () => {
  const devices = await Promise.all(Array.from({ length: SIGNING_IN }, () => world.owner({ type: 'hotp' })));
  const answered = new Map<string, number>();
  const wrong: string[] = [];
  let rolling = true;

  async function load(
    kind: string,
    question: () => Promise<Record<string, unknown>>,
    right: (reply: object) => boolean,
  ) {
    while (rolling && wrong.length === 0) {
      const at = new Date().toISOString();
      const reply = await question().catch((error: Error) => ({ error: error.message }));
      answered.set(kind, (answered.get(kind) ?? 0) + 1);
      if (!right(reply)) wrong.push(`${at} ${kind} ${JSON.stringify(reply)}`);
    }
  }
  const signIn = (device: Device) =>
    load(
      'verify',
      () => ask('app', 'verify', { account: device.account, code: device.code() }),
      (reply) => 'verdict' in reply && reply.verdict === 'accepted',
    );
  let account = 0;
  const loads = [
    ...devices.map(signIn),
    load(
      'account.create',
      () => ask('desk', 'account.create', { names: [`rolled-${(account += 1)}`] }),
      (reply) => 'id' in reply,
    ),
    load(
      'audit.events',
      () => ask('audit', 'audit.events', { account: (devices[0] as Device).account }),
      (reply) => 'events' in reply,
    ),
  ];
  try {
    for (const service of ROLLED)
      for (let replica = 1; replica <= REPLICAS; replica += 1) await world.process(service, replica).restart();
  } finally {
    rolling = false;
    await Promise.all(loads);
  }
  expect(wrong).toEqual([]);
  expect(
    Math.min(...['verify', 'account.create', 'audit.events'].map((kind) => answered.get(kind) ?? 0)),
  ).toBeGreaterThan(20);
});
