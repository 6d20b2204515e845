import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigError, Environment } from '@countersign/runtime';
import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Health } from './health.js';
import { observeAddress, serveObservations } from './listener.js';
import { counter, measureProcess } from './metrics.js';

const health = new Health();
const SENT = counter('tests_total', 'things tried', ['kind']);
let server: Server;
let base: string;

beforeAll(async () => {
  server = await serveObservations({ host: '127.0.0.1', port: 0 }, health);
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const ready = async (): Promise<unknown> => {
  const response = await fetch(`${base}/ready`);
  return [response.status, await response.json()];
};

describe('a service that is observed', () => {
  test('lives from the start, and is ready when everything that it needs is there', async () => {
    expect((await fetch(`${base}/live`)).status).toBe(200);
    expect(await ready()).toEqual([503, { ready: false, missing: { start: 'it is starting' } }]);
    let hsm: string | undefined = 'CKR_DEVICE_REMOVED';
    health.started({
      nats: () => undefined,
      hsm: () => {
        if (hsm !== undefined) throw new Error(hsm);
      },
    });
    expect(await ready()).toEqual([503, { ready: false, missing: { hsm: 'CKR_DEVICE_REMOVED' } }]);
    hsm = undefined;
    expect(await ready()).toEqual([200, { ready: true, missing: {} }]);
    health.stopping();
    expect(await ready()).toEqual([503, { ready: false, missing: { start: 'it is stopping' } }]);
    expect((await fetch(`${base}/live`)).status).toBe(200);
  });

  test('tells its metrics in the text format of Prometheus', async () => {
    measureProcess();
    SENT.inc({ kind: 'a' }, 3);
    const response = await fetch(`${base}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const text = await response.text();
    expect(text).toContain('# TYPE countersign_tests_total counter\ncountersign_tests_total{kind="a"} 3\n');
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds [\d.e-]+$/m);
  });

  test('answers nothing else', async () => {
    expect((await fetch(`${base}/`)).status).toBe(404);
    expect((await fetch(`${base}/metrics`, { method: 'POST', body: 'x' })).status).toBe(404);
  });

  test('takes no more than a bounded head', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    let said = '';
    socket.on('data', (data) => (said += String(data)));
    socket.write(`GET /live HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(said).toMatch(/^HTTP\/1.1 431 /);
  });
});

describe('OBSERVE_ADDRESS', () => {
  const read = (value?: string): unknown => {
    const environment = new Environment(value === undefined ? {} : { OBSERVE_ADDRESS: value });
    const address = observeAddress(environment);
    environment.finish();
    return address;
  };

  test('is off when it is not set', () => expect(read()).toBeUndefined());
  test.each([
    ['127.0.0.1:9464', { host: '127.0.0.1', port: 9464 }],
    ['[::1]:0', { host: '::1', port: 0 }],
    ['audit-1.internal:80', { host: 'audit-1.internal', port: 80 }],
  ])('may be %s', (text, address) => expect(read(text)).toEqual(address));
  test.each(['9464', 'x', 'a b:1', '127.0.0.1:70000', '::1:80'])('may not be %s', (text) => {
    expect(() => read(text)).toThrow(ConfigError);
  });
});
