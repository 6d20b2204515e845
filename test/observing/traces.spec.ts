import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTracing, type EndTracing } from '@countersign/observe';
import { Log } from '@countersign/runtime';
import type { Device } from '../world/device.js';
import { World } from '../world/world.js';
import { Collector, type ToldSpan } from './collector.js';

const SOON = { OTEL_BSP_SCHEDULE_DELAY: '100' };
const PATIENCE_MS = 20_000;

let collector: Collector;
let world: World;
let device: Device;
let code: string;
let endTracing: EndTracing;
let trace: ToldSpan[] = [];

beforeAll(async () => {
  collector = await Collector.start();
  const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...SOON };
  Object.assign(process.env, variables);
  endTracing = await startTracing('a-backend', '1.0.0', new Log('test', 'error'));
  world = await World.start({ variables: { all: variables } });
  device = await world.owner();
  code = device.code();
  const app = await world.caller('app');
  expect(await app.verify({ account: device.account, code })).toMatchObject({ verdict: 'accepted' });
  for (const endMs = performance.now() + PATIENCE_MS; trace.length < 5 && performance.now() < endMs;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const asked = collector.spans.find(({ service, name }) => service === 'a-backend' && name === 'ask verify');
    trace = collector.spans.filter(({ traceId }) => traceId === asked?.traceId);
  }
});
afterAll(async () => {
  await world.stop();
  await endTracing();
  collector.stop();
});

const named = (name: string): ToldSpan => {
  const found = trace.find((span) => span.name === name);
  if (found === undefined) throw new Error(`no span ${name} among ${trace.map((span) => span.name).join(', ')}`);
  return found;
};

test('one verify is one trace through the caller, verification, key-derivation and the ledger', () => {
  expect(named('verify')).toMatchObject({ service: 'verification', parentSpanId: named('ask verify').spanId });
  expect(named('ask keys.match')).toMatchObject({ service: 'verification', parentSpanId: named('verify').spanId });
  expect(named('key-derivation keys.match').parentSpanId).toBe(named('ask keys.match').spanId);
  expect(named('ledger append')).toMatchObject({ service: 'verification', parentSpanId: named('verify').spanId });
});

test('key-derivation exports nothing: whoever asked it tells its span', () => {
  const services = new Set(collector.spans.map(({ service }) => service));
  expect([...services]).toEqual(expect.arrayContaining(['a-backend', 'verification', 'enrollment']));
  expect(services).not.toContain('key-derivation');
  expect(named('key-derivation keys.match').service).toBe('verification');
});

test('no span holds a code, a key or whose account it is', () => {
  const all = collector.bodies.join('\n');
  expect(all).toContain('ledger append');
  const keys = ['hex', 'base64', 'base64url'].map((form) => Buffer.from(device.key).toString(form as 'hex'));
  for (const canary of [`"${code}"`, ` ${code}`, device.account, ...keys]) expect(all).not.toContain(canary);
});

test('the line of the request in the log names its trace, who asked, and nothing of the message', () => {
  const lines = readFileSync(world.platform.folder.log('verification-1'), 'utf8').split('\n');
  const line = JSON.parse(lines.find((each) => each.includes(named('verify').traceId)) ?? '{}') as object;
  expect(line).toEqual({
    at: expect.any(String),
    level: 'info',
    service: 'verification',
    message: 'request',
    verb: 'verify',
    asker: 'acme.app',
    outcome: 'ok',
    ms: expect.any(Number),
    trace: named('verify').traceId,
  });
});
