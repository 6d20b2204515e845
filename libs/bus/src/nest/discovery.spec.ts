import 'reflect-metadata';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { Failure } from '@countersign/contracts';
import { connectBus, type Bus } from '../index.js';
import { keptLog } from '../testing/kept-log.js';
import { startNats, stopAllNats, type TestNats } from '../testing/start-nats.js';
import { createBusMicroservice } from './index.js';

@Controller()
class Demo {
  @MessagePattern('v1.*.*.device.confirm')
  confirm(): string {
    throw new Failure('NOT_FOUND', 'there is no account ann');
  }

  @MessagePattern('v1.*.*.verify', { name: 'verify', queue: 'own' })
  verify(): string {
    return 'ok';
  }

  @EventPattern('alarm', { queue: false })
  alarm(_body: unknown): void {}
}

@Module({ controllers: [Demo] })
class DemoModule {}

let nats: TestNats;
let plain: NatsConnection;
const replicas: { app: INestMicroservice; bus: Bus }[] = [];
const service = { name: 'demo', version: '1.2.3', description: 'a demonstration', metadata: { region: 'x' } };

beforeAll(async () => {
  nats = await startNats();
  plain = await connect({ servers: nats.address, inboxPrefix: '_INBOX_operator' });
  for (let i = 0; i < 2; i++) {
    const bus = await connectBus({ servers: [nats.address], identity: 'demo', log: keptLog().log });
    const app = await createBusMicroservice(DemoModule, { bus, service });
    await app.listen();
    replicas.push({ app, bus });
  }
});
afterAll(async () => {
  for (const { app, bus } of replicas) {
    await app.close();
    await bus.close();
  }
  await plain.close();
  await stopAllNats();
});

/** Everybody's answers to one question: both replicas', since discovery is in no queue group. */
async function all(subject: string, count = 2): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  const replies = await plain.requestMany(subject, '', { strategy: 'count', maxMessages: count, maxWait: 2000 });
  for await (const message of replies) found.push(message.json());
  expect(found).toHaveLength(count);
  return found;
}

// The shapes of io.nats.micro.v1.* as ADR-32's schemas give them: required fields, types, patterns.
const NAME = /^[a-zA-Z0-9_-]+$/;
const COMMON = {
  name: expect.stringMatching(NAME),
  id: expect.stringMatching(/^.+$/),
  version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  metadata: { region: 'x' },
};

test.each(['$SRV.PING', '$SRV.PING.demo'])('%s is answered by every replica', async (subject) => {
  const answers = await all(subject);
  for (const answer of answers) expect(answer).toEqual({ type: 'io.nats.micro.v1.ping_response', ...COMMON });
  expect(new Set(answers.map(({ id }) => id)).size).toBe(2);
});

test('with an id one replica answers', async () => {
  const [first] = await all('$SRV.PING');
  for (const verb of ['PING', 'INFO', 'STATS'])
    expect((await plain.request(`$SRV.${verb}.demo.${String(first?.id)}`)).json()).toMatchObject({ id: first?.id });
  await expect(plain.request('$SRV.PING.demo.nobody')).rejects.toThrow('no responders');
  await expect(plain.request('$SRV.PING.other')).rejects.toThrow('no responders');
});

test.each(['$SRV.INFO', '$SRV.INFO.demo'])('%s tells the endpoints', async (subject) => {
  for (const answer of await all(subject))
    expect(answer).toEqual({
      type: 'io.nats.micro.v1.info_response',
      ...COMMON,
      description: 'a demonstration',
      endpoints: [
        { name: 'v1-device-confirm', subject: 'v1.*.*.device.confirm', queue_group: 'demo', metadata: {} },
        { name: 'verify', subject: 'v1.*.*.verify', queue_group: 'own', metadata: {} },
        { name: 'alarm', subject: 'alarm', metadata: {} },
      ],
    });
});

test('$SRV.STATS counts requests, errors and nanoseconds, and quotes no request', async () => {
  for (let i = 0; i < 10; i++) {
    await plain.request('v1.acme.web.verify', '{}');
    await plain.request('v1.acme.web.device.confirm', '{}');
  }
  const answers = (await all('$SRV.STATS')) as { endpoints: Record<string, number | string>[]; started: string }[];
  for (const answer of answers) {
    expect(answer).toMatchObject({ type: 'io.nats.micro.v1.stats_response', ...COMMON });
    expect(Number.isFinite(Date.parse(answer.started))).toBe(true);
    for (const endpoint of answer.endpoints) {
      expect(endpoint).toMatchObject({ name: expect.stringMatching(NAME), last_error: expect.any(String) });
      for (const field of ['num_requests', 'num_errors', 'processing_time', 'average_processing_time'])
        expect(Number.isSafeInteger(endpoint[field])).toBe(true);
    }
  }
  const sum = (name: string, field: string): number =>
    answers
      .flatMap(({ endpoints }) => endpoints)
      .filter((endpoint) => endpoint.name === name)
      .reduce((total, endpoint) => total + Number(endpoint[field]), 0);
  expect(sum('verify', 'num_requests')).toBe(10);
  expect(sum('verify', 'num_errors')).toBe(0);
  expect(sum('verify', 'processing_time')).toBeGreaterThan(1000); // 10 requests take more than a microsecond
  expect(sum('v1-device-confirm', 'num_errors')).toBe(10);
  expect(JSON.stringify(answers)).toContain('NOT_FOUND: there is no such account or device');
  expect(JSON.stringify(answers)).not.toContain('ann');
});

test('discovery answers to inboxes only', async () => {
  const seen: unknown[] = [];
  const spy = plain.subscribe('ledger.x', { callback: () => void seen.push(1) });
  plain.publish('$SRV.PING', '', { reply: 'ledger.x' });
  await all('$SRV.PING');
  spy.unsubscribe();
  expect(seen).toEqual([]);
});

test('$SRV.METRICS tells what /metrics serves, of every replica', async () => {
  await plain.request('v1.acme.web.device.confirm', '{}');
  for (const answer of await all('$SRV.METRICS')) {
    expect(answer).toMatchObject({ type: 'countersign.metrics', ...COMMON });
    expect(answer.text).toMatch(/^countersign_requests_total\{verb="[a-z0-9*.]+",outcome="NOT_FOUND"\} \d+$/m);
  }
});
