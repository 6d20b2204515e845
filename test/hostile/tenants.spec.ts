import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { Failure } from '@countersign/caller';
import { SERVICES } from '@countersign/contracts';
import { rawClient } from '../world/raw-client.js';
import { World } from '../world/world.js';

/** What NATS answered to the latest operation of a connection: its permission errors come out of band. */
function refusalsOf(client: NatsConnection): string[] {
  const refusals: string[] = [];
  void (async () => {
    for await (const status of client.status()) if (status.type === 'error') refusals.push(String(status.error));
  })();
  return refusals;
}

describe('NATS itself keeps apart', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.stop());

  async function as(tenant: string, name: string): Promise<NatsConnection> {
    return rawClient(name, world.platform.callerCredentials(tenant, name), { ignoreAuthErrorAbort: true });
  }

  test('tenants: the same name is another account, and one cannot see the other', async () => {
    const device = await world.owner();
    const beta = await world.caller('app', 'beta');
    expect(await beta.verify({ account: device.account, code: device.code() })).toMatchObject({ reason: 'wrong_code' });
    await (await world.caller('desk', 'beta')).createAccount({ names: [device.account] });
    const events = await (await world.caller('audit', 'beta')).events({});
    expect(events.events.map(({ account }) => account)).not.toContain(device.accountId);
  });

  const published = [
    'ledger.acme.x',
    'countersign.internal.keys.match',
    'countersign.internal.alarm',
    'countersign.v1.acme.app.verify',
    'countersign.v1.beta.app.verify',
    'countersign.v1.desk.verify',
    'countersign.v1.app.account.create',
    '$KV.directory.x',
    '$JS.API.STREAM.INFO.ledger',
    '$JS.API.STREAM.DELETE.ledger',
    '$JS.API.CONSUMER.CREATE.ledger',
    '$SRV.PING',
    '_INBOX_desk.x',
  ];
  test.each(published)("acme's app cannot publish to %s", async (subject) => {
    const client = await as('acme', 'app');
    const refusals = refusalsOf(client);
    client.publish(subject, '{}');
    await client.flush();
    for (let look = 0; look < 100 && refusals.length === 0; look += 1) await client.flush();
    expect(refusals.join()).toMatch(/permissions violation/i);
    await client.close();
  });

  const subscribed = [
    '>',
    'ledger.>',
    'countersign.v1.*.verify',
    '_INBOX_desk.>',
    '_INBOX_verification.>',
    '_R_.>',
    '$SRV.>',
  ];
  test.each(subscribed)("acme's app cannot subscribe to %s", async (subject) => {
    const client = await as('acme', 'app');
    const refusals = refusalsOf(client);
    client.subscribe(subject, { callback: () => undefined });
    for (let look = 0; look < 100 && refusals.length === 0; look += 1) await client.flush();
    expect(refusals.join()).toMatch(/permissions violation/i);
    await client.close();
  });

  test('a stranger, and the credentials of another platform, are not let in', async () => {
    const { servers } = world.platform.callerCredentials('acme', 'app');
    await expect(connect({ servers, reconnect: false })).rejects.toThrow(/authorization/i);
  });

  test.each(SERVICES)('%s has no right to a verb that it does not serve', async (service) => {
    const nkeySeedFile = world.platform.folder.credential(service);
    const { servers } = world.platform.callerCredentials('acme', 'app');
    const client = await rawClient(service, { servers, nkeySeedFile });
    const refusals = refusalsOf(client);
    const foreign = service === 'verification' ? 'account.create' : 'verify';
    client.subscribe(`countersign.v1.*.*.${foreign}`, { queue: service, callback: () => undefined });
    client.publish('$JS.API.STREAM.PURGE.ledger', '');
    client.publish('$JS.API.STREAM.UPDATE.ledger', '{}');
    client.publish('$JS.API.CONSUMER.CREATE.ledger', '{}');
    for (let look = 0; look < 100 && refusals.length < 4; look += 1) await client.flush();
    expect(refusals).toHaveLength(4);
    await client.close();
  });

  test('a role asks only its own verbs', async () => {
    const app = await world.caller('app');
    const refused = app.createAccount({ names: ['mallory'] });
    await expect(refused).rejects.toBeInstanceOf(Failure);
    await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
