import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bus } from '@countersign/bus';
import { until } from '@countersign/bus/testing';
import { headers, type Msg, type Subscription } from '@nats-io/nats-core';
import { GuardedNats, everybody, memberOf, type Who } from './everybody.js';

const ACCOUNT = 'ledger.acme.0123456789abcdefghjk';
const STREAMS = ['ledger', 'KV_directory'];
/** Where a hostile reply subject may point: the ledger, names, questions inside the platform, JetStream, inboxes. */
const TARGETS = [
  ACCOUNT,
  `${ACCOUNT}.mnpqrstvwxyz.1`,
  'ledger.acme._tenant',
  'ledger.acme._nobody',
  '$KV.directory.acme.x',
  'countersign.internal.keys.match',
  'countersign.internal.keys.sign',
  'countersign.internal.alarm',
  'countersign.v1.beta.app.verify',
  '$JS.API.STREAM.PURGE.ledger',
  '$JS.API.STREAM.DELETE.ledger',
  '$JS.API.STREAM.MSG.DELETE.ledger',
  '$JS.API.CONSUMER.CREATE.ledger',
  'watched.$JS.API.STREAM.MSG.GET.ledger',
  '_INBOX_verification.abc',
  '_INBOX_key-derivation.abc',
];

describe('inside its rights, nobody gets further', () => {
  let nats: GuardedNats;
  const buses = new Map<Who, Bus>();
  const listening: Subscription[] = [];

  beforeAll(async () => {
    nats = await GuardedNats.start();
    for (const who of everybody) buses.set(who, await nats.bus(who));
    const first = headers();
    first.set('Nats-Expected-Last-Subject-Sequence', '0');
    await as('verification').connection.request(ACCOUNT, '{"an":"event"}', { headers: first, timeout: 5000 });
  });
  afterEach(() => {
    for (const subscription of listening.splice(0)) subscription.unsubscribe();
  });
  afterAll(async () => {
    for (const bus of buses.values()) await bus.close();
    await nats.stop();
  });

  const as = (who: Who): Bus => buses.get(who) as Bus;

  /** Length and shape of both streams, as the set-up sees them: whatever was written, deleted or added shows here. */
  async function streams(): Promise<unknown[]> {
    const infos = STREAMS.map(async (stream) => {
      const reply = await as('the set-up').connection.request(`$JS.API.STREAM.INFO.${stream}`, '', { timeout: 5000 });
      const { config, state } = reply.json<{ config: object; state: object }>();
      return { config, state };
    });
    return Promise.all(infos);
  }

  const everythingArrived = async (): Promise<void> => {
    for (const bus of buses.values()) await bus.connection.flush();
  };

  /** What `who` hears on `subject` from now on, as a service does. */
  async function heard(who: Who, subject: string, queue?: string): Promise<Msg[]> {
    const { connection } = as(who);
    const messages: Msg[] = [];
    const subscription = connection.subscribe(subject, {
      ...(queue !== undefined && { queue }),
      callback: (refused, message) => {
        if (refused !== null) return; // NATS says no to the subscription itself
        messages.push(message);
        if (message.reply) message.respond('answered');
      },
    });
    listening.push(subscription);
    await connection.flush();
    return messages;
  }

  test('audit reads, has things signed and raises alarms, and the operator sees every service', async () => {
    const audit = as('audit').connection;
    const timeout = 5000;
    for (const stream of STREAMS)
      expect((await audit.request(`$JS.API.STREAM.INFO.${stream}`, '', { timeout })).json()).not.toHaveProperty(
        'error',
      );
    const question = JSON.stringify({ last_by_subj: ACCOUNT });
    const stored = await audit.request('$JS.API.STREAM.MSG.GET.ledger', question, { timeout });
    expect(stored.json()).toMatchObject({ message: { subject: ACCOUNT } });
    for (const verb of ['sign', 'check']) {
      await heard('key-derivation', `countersign.internal.keys.${verb}`, 'key-derivation');
      expect((await audit.request(`countersign.internal.keys.${verb}`, '', { timeout })).string()).toBe('answered');
    }
    const alarms = await heard('verification', 'countersign.internal.alarm');
    audit.publish('countersign.internal.alarm', 'a fork');
    await until('the alarm arrives', () => alarms.length === 1);
    const services = ['enrollment', 'verification', 'key-derivation', 'audit', 'delivery'] as const;
    for (const service of services) await heard(service, '$SRV.PING');
    const answers = await heard("the platform's operator", '_INBOX_operator.ping');
    as("the platform's operator").connection.publish('$SRV.PING', '', { reply: '_INBOX_operator.ping' });
    await until('every service answers', () => answers.length === services.length);
  });

  describe.each<[Who, string]>([
    ['audit', '$JS.API.STREAM.INFO.ledger'],
    ['audit', '$JS.API.STREAM.MSG.GET.ledger'],
    ['audit', '$JS.API.STREAM.MSG.GET.KV_directory'],
    ["the platform's operator", '$JS.API.STREAM.INFO.ledger'],
    ["the platform's operator", '$JS.API.STREAM.INFO.KV_directory'],
  ])('%s asks %s and names as its reply subject', (who, question) => {
    test.each([...TARGETS, '_R_.abc'])('%s: nothing is written, nothing is changed', async (reply) => {
      const before = await streams();
      const { connection } = as(who);
      connection.publish(question, '{"seq":1}', { reply });
      await connection.request(question, '{"seq":1}', { timeout: 5000 }); // asked later, answered later
      expect(await streams()).toEqual(before);
    });
  });

  test.each(TARGETS)('discovery, with the reply subject %s, is answered to nobody on the platform', async (reply) => {
    const asked = await heard('verification', '$SRV.PING');
    const inboxes = await heard('verification', '_INBOX_verification.>');
    const before = await streams();
    as("the platform's operator").connection.publish('$SRV.PING', '', { reply });
    await until('the question arrives', () => asked.length === 1);
    expect(asked[0]?.reply).toMatch(/^_R_\./);
    await as('verification').connection.flush();
    expect(await streams()).toEqual(before);
    expect(inboxes).toEqual([]);
  });

  test.each([...TARGETS, '_INBOX_desk.abc', '_INBOX_app.abc'])(
    "acme's verifier asks with the reply subject %s: the answer stays in acme",
    async (reply) => {
      const asked = await heard('verification', 'countersign.v1.*.*.verify', 'verification');
      const onThePlatform = [
        await heard('verification', '_INBOX_verification.>'),
        await heard('verification', 'countersign.internal.alarm'),
        await heard('key-derivation', '_INBOX_key-derivation.>'),
        await heard('key-derivation', 'countersign.internal.keys.match', 'key-derivation'),
        await heard("beta's verifier", '_INBOX_app.>'),
      ];
      const before = await streams();
      as("acme's verifier").connection.publish('countersign.v1.app.verify', '{}', { reply });
      await until('the question arrives', () => asked.length === 1);
      expect(asked[0]?.reply).toMatch(/^_R_\./);
      expect(asked[0]?.subject).toBe('countersign.v1.acme.app.verify');
      await everythingArrived();
      expect(await streams()).toEqual(before);
      expect(onThePlatform.flat()).toEqual([]);
    },
  );

  const CONSUMERS: [string, object][] = [
    ['$JS.API.CONSUMER.CREATE.ledger', {}],
    ['$JS.API.CONSUMER.CREATE.ledger.mine', { name: 'mine' }],
    [`$JS.API.CONSUMER.CREATE.ledger.mine.${ACCOUNT}`, { name: 'mine', filter_subject: ACCOUNT }],
    ['$JS.API.CONSUMER.DURABLE.CREATE.ledger.mine', { durable_name: 'mine' }],
  ];
  const CHANGES: [string, object][] = [
    ['$JS.API.STREAM.UPDATE.ledger', { name: 'ledger', subjects: ['ledger.>'], max_msgs: 1 }],
    ['$JS.API.STREAM.PURGE.ledger', {}],
    ['$JS.API.STREAM.PURGE.ledger', { filter: ACCOUNT }],
    ['$JS.API.STREAM.DELETE.ledger', {}],
    ['$JS.API.STREAM.MSG.DELETE.ledger', { seq: 1, no_erase: false }],
    ['$JS.API.STREAM.SNAPSHOT.ledger', { deliver_subject: '_INBOX_app.x' }],
    ['$JS.API.STREAM.RESTORE.ledger', { config: { name: 'ledger' } }],
    ['$JS.API.STREAM.CREATE.mirror', { name: 'mirror', mirror: { name: 'ledger' } }],
    ['$JS.API.STREAM.CREATE.copy', { name: 'copy', sources: [{ name: 'ledger' }] }],
  ];
  describe.each(everybody)('%s', (who) => {
    test('makes no consumer, wherever it should deliver', async () => {
      const before = await streams();
      const { connection } = as(who);
      for (const deliver_subject of [undefined, `_INBOX_${memberOf(who).name}.x`, ACCOUNT, 'countersign.v1.x'])
        for (const [subject, config] of CONSUMERS) {
          const consumer = { stream_name: 'ledger', config: { ...config, ack_policy: 'none', deliver_subject } };
          connection.publish(subject, JSON.stringify(consumer), { reply: `_INBOX_${memberOf(who).name}.x` });
        }
      await connection.flush();
      expect(await streams()).toEqual(before);
    });

    test('changes, empties, copies and deletes no stream', async () => {
      const before = await streams();
      const { connection } = as(who);
      for (const [subject, body] of CHANGES) connection.publish(subject, JSON.stringify(body));
      await connection.flush();
      expect(await streams()).toEqual(before);
      const { streams: there } = await allStreams();
      expect(there).toBe(4);
    });

    test('takes no questions away from a service by joining its queue group', async () => {
      if (who === 'verification') return void expect(memberOf(who).name).toBe('verification'); // it is the service
      const asked = await heard('verification', 'countersign.v1.*.*.verify', 'verification');
      const stolen = [
        await heard(who, 'countersign.v1.*.*.verify', 'verification'),
        await heard(who, 'countersign.v1.*.*.verify', '>'),
        await heard(who, 'countersign.v1.>', 'verification'),
        await heard(who, 'countersign.v1.*.verify', 'verification'),
        await heard(who, 'countersign.v1.app.verify'),
      ];
      const { connection } = as("acme's other verifier");
      for (let times = 0; times < 20; times += 1)
        await connection.request('countersign.v1.shop.verify', '{}', { timeout: 5000 });
      expect(asked).toHaveLength(20);
      expect(stolen.flat()).toEqual([]);
    });
  });

  test('nobody hears answers to another: inboxes are their own, and tenants have their own inboxes', async () => {
    await heard('verification', 'countersign.v1.*.*.verify', 'verification');
    const eavesdroppers = everybody.filter((who) => who !== "acme's verifier");
    const heardByOthers: Msg[][] = [];
    for (const who of eavesdroppers)
      for (const subject of ['_INBOX_app.>', '_R_.>', '>']) heardByOthers.push(await heard(who, subject));
    const reply = await as("acme's verifier").connection.request('countersign.v1.app.verify', '{}', { timeout: 5000 });
    expect(reply.string()).toBe('answered');
    await everythingArrived();
    expect(heardByOthers.flat()).toEqual([]);
  });

  async function allStreams(): Promise<{ streams: number }> {
    const reply = await as('the set-up').connection.request('$JS.API.INFO', '', { timeout: 5000 });
    return reply.json();
  }

  /** As the server's protocol takes them: what follows a blank is the reply subject or a size, and no name at all. */
  test.each<[string, string]>([
    ['a dot', 'app.x'],
    ['a wildcard', '*'],
    ['a wildcard for all the rest', '>'],
    ['a wildcard and the name of another', '*.shop'],
    ['nothing', ''],
    ['NUL', 'app\0'],
    ['a blank', 'shop app'],
    ['a tab', 'shop\tapp'],
    ['the name of another', 'shop'],
    ['capitals', 'APP'],
    ['4 KiB', 'a'.repeat(4096)],
  ])('a caller whose name in the subject is %s is not heard', async (_what, name) => {
    const asked = await heard('verification', 'countersign.v1.*.*.verify', 'verification');
    const wire = await nats.wire("acme's verifier");
    const said = await wire.say(`PUB countersign.v1.${name}.verify 2\r\n{}\r\n`);
    wire.close();
    expect(said.join()).toMatch(/-ERR/);
    await everythingArrived();
    expect(asked).toEqual([]);
  });

  test.each(['ledger.acme.*', 'ledger.*._tenant', 'ledger.acme.>', 'ledger.*.*'])(
    'enrollment and verification publish %s: it is no wildcard, and reaches no settings',
    async (subject) => {
      const settings = async () => {
        const question = JSON.stringify({ last_by_subj: 'ledger.acme._tenant' });
        const { connection } = as('the set-up');
        return (await connection.request('$JS.API.STREAM.MSG.GET.ledger', question, { timeout: 5000 })).string();
      };
      const before = await settings();
      for (const who of ['enrollment', 'verification'] as const) {
        as(who).connection.publish(subject, '{}');
        await as(who).connection.flush();
      }
      expect(await settings()).toBe(before);
    },
  );
});
