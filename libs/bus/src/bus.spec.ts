import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { headers, nkeys, type Msg } from '@nats-io/nats-core';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Secret } from '@countersign/runtime';
import { connectBus, MAX_PAYLOAD_BYTES, TIMEOUT_HEADER, type Bus, type BusOptions } from './index.js';
import { keptLog } from './testing/kept-log.js';
import { startNats, stopAllNats, until, type TestNats } from './testing/start-nats.js';

let nats: TestNats;
let plain: NatsConnection;
const opened: Bus[] = [];

async function open(options: Partial<BusOptions> = {}): Promise<Bus> {
  const { log } = keptLog();
  const bus = await connectBus({ servers: [nats.address], identity: 'asker', log, ...options });
  opened.push(bus);
  return bus;
}

async function serve(connection: NatsConnection, subject: string, answer: (message: Msg) => void): Promise<void> {
  connection.subscribe(subject, { callback: (_error, message) => answer(message) });
  await connection.flush();
}

beforeAll(async () => {
  nats = await startNats();
  plain = await connect({ servers: nats.address });
});
afterEach(async () => {
  for (const bus of opened.splice(0)) await bus.close();
});
afterAll(async () => {
  await plain.close();
  await stopAllNats();
});

describe('a request', () => {
  test('is plain JSON both ways, says how long it waits, and is answered to its own inbox', async () => {
    const bus = await open();
    let seen: Msg | undefined;
    await serve(plain, 'echo', (message) => {
      seen = message;
      message.respond(JSON.stringify({ got: JSON.parse(message.string()) }));
    });
    expect(await bus.request('echo', { a: 'ä' }, { timeoutMs: 1500, headers: { Extra: 'yes' } })).toEqual({
      got: { a: 'ä' },
    });
    expect(seen?.headers?.get(TIMEOUT_HEADER)).toBe('1500');
    expect(seen?.headers?.get('Extra')).toBe('yes');
    expect(seen?.reply).toMatch(/^_INBOX_asker\./);
  });

  test('over 64 KiB is refused before it is sent', async () => {
    const bus = await open();
    const fits = 'x'.repeat(MAX_PAYLOAD_BYTES - 2); // with its two quotes, exactly 64 KiB
    await serve(plain, 'size', (message) => message.respond(String(message.data.length)));
    expect(await bus.request('size', fits, { timeoutMs: 1000 })).toBe(65_536);
    await expect(bus.request('size', fits + 'x', { timeoutMs: 1000 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  test('that cannot be written as JSON is INVALID_ARGUMENT', async () => {
    const bus = await open();
    await expect(bus.request('x', 1n, { timeoutMs: 1000 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('that nobody serves is UNAVAILABLE at once, and says so', async () => {
    const bus = await open();
    await expect(bus.request('nobody', {}, { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('nobody serves'),
    });
    const gone = bus.request('nobody', {}, { timeoutMs: 60_000, nobody: 'it is gone' });
    await expect(gone).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'it is gone' });
  });

  test('without an answer in time is UNAVAILABLE, and says so', async () => {
    const bus = await open();
    await serve(plain, 'silent', () => undefined);
    await expect(bus.request('silent', {}, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('within 50 ms'),
    });
  });

  test.each([
    ['text', 'not json'],
    ['no bytes', ''],
    ['broken UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
  ])('answered with %s is INTERNAL', async (name, bytes) => {
    const bus = await open();
    const subject = `odd.${name.replaceAll(' ', '-')}`;
    await serve(plain, subject, (message) => message.respond(bytes));
    await expect(bus.request(subject, {}, { timeoutMs: 1000 })).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('an error reply (ADR-32)', () => {
  const errorReply = (code: string, text: string, body: string) => (message: Msg) => {
    const lines = headers();
    lines.set('Nats-Service-Error', text);
    lines.set('Nats-Service-Error-Code', code);
    message.respond(body, { headers: lines });
  };

  test('becomes the Failure in its body', async () => {
    const bus = await open();
    const body = { code: 'BUSY', message: 'later', retryAfterMs: 7, fields: [{ field: 'a', problem: 'b' }] };
    await serve(plain, 'fail.body', errorReply('429', 'BUSY: later', JSON.stringify(body)));
    await expect(bus.request('fail.body', {}, { timeoutMs: 1000 })).rejects.toMatchObject(body);
  });

  test.each([
    ['404', 'NOT_FOUND'],
    ['503', 'UNAVAILABLE'],
    ['777', 'INTERNAL'],
  ])('of another service with code %s becomes %s', async (status, code) => {
    const bus = await open();
    await serve(plain, `fail.${status}`, errorReply(status, 'said so', ''));
    await expect(bus.request(`fail.${status}`, {}, { timeoutMs: 1000 })).rejects.toMatchObject({
      code,
      message: 'said so',
    });
  });
});

describe('the connection', () => {
  test('a server that is not there is UNAVAILABLE after firstConnectMs', async () => {
    await expect(open({ servers: ['127.0.0.1:1'], firstConnectMs: 300 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('127.0.0.1:1'),
    });
  });

  test('a server that restarts is found again; a request in between waits for it', async () => {
    const own = await startNats();
    const { log, lines } = keptLog();
    const bus = await open({ servers: [own.address], log });
    const other = await connect({ servers: own.address, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    await serve(other, 'silent', () => undefined);
    await serve(bus.connection, 'hello', (message) => message.respond('"hi"')); // there again as soon as the asker is
    let hooks = 0;
    bus.onReconnect(() => void hooks++);
    bus.onReconnect(() => Promise.reject(new Error('hook broke')));

    const underWay = bus.request('silent', {}, { timeoutMs: 60_000 });
    await own.kill();
    await expect(underWay).rejects.toMatchObject({ message: expect.stringContaining('connection was lost') });
    expect(bus.connected).toBe(false);
    await expect(bus.request('hello', {}, { timeoutMs: 40 })).rejects.toMatchObject({
      message: expect.stringContaining('nothing was sent'),
    });
    const waiting = bus.request<string>('hello', {}, { timeoutMs: 20_000 });
    await own.start();
    expect(await waiting).toBe('hi');
    expect(bus.connected).toBe(true);
    expect(hooks).toBe(1);
    await until('the broken hook is logged', () => lines.some(({ reason }) => reason === 'hook broke'));
    await other.close();
  });

  /** Connected to one of two servers that know nothing of each other. */
  async function oneOfTwo(stall: BusOptions['stall']): Promise<{ bus: Bus; used: TestNats; other: TestNats }> {
    const pair = [await startNats(), await startNats()] as const;
    const bus = await open({ servers: pair.map(({ address }) => address), stall });
    const [used, other] = bus.server === pair[0].address ? pair : ([pair[1], pair[0]] as const);
    return { bus, used, other };
  }

  test('a paused server among two is left within seconds', async () => {
    const { bus, used, other } = await oneOfTwo({ overMs: 200 });
    const responder = await connect({ servers: other.address });
    await serve(responder, 'hello', (message) => message.respond('"from the other"'));
    await used.pause();
    try {
      const startMs = performance.now();
      await Promise.allSettled([1, 2, 3].map(() => bus.request('hello', {}, { timeoutMs: 300 })));
      expect(await bus.request('hello', {}, { timeoutMs: 5000 })).toBe('from the other');
      expect(performance.now() - startMs).toBeLessThan(2000); // pings alone need 3 s
      expect(bus.server).toBe(other.address);
    } finally {
      used.resume();
      await responder.close();
    }
  });

  test('a paused server is left also when the buffers towards it are full', async () => {
    const { bus, used, other } = await oneOfTwo({ overMs: 50 });
    await used.pause();
    try {
      for (let i = 0; i < 400; i++) bus.publish('flood', 'x'.repeat(60_000)); // 24 MB: more than sockets hold
      await Promise.allSettled([1, 2, 3].map(() => bus.request('hello', {}, { timeoutMs: 100 })));
      await until('connected to the other', () => bus.connected && bus.server === other.address, 2500);
    } finally {
      used.resume();
    }
  });

  test('reportTimeout of a user of the connection moves it too', async () => {
    const { bus, other } = await oneOfTwo({ timeouts: 2, overMs: 0 });
    bus.reportTimeout();
    bus.reportSuccess();
    bus.reportTimeout();
    expect(bus.connected).toBe(true);
    bus.reportTimeout();
    await until('connected to the other', () => bus.connected && bus.server === other.address);
  });

  test('rtt is a number, and close leaves nothing open', async () => {
    const bus = await open();
    expect(await bus.rtt()).toBeGreaterThanOrEqual(0);
    await bus.close();
    await bus.close();
    expect(bus.connection.isClosed()).toBe(true);
    await expect(bus.request('x', {}, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('nkeys and rights', () => {
  const seedOf = (pair: nkeys.KeyPair): Secret => new Secret(pair.getSeed());

  test('an nkey opens the connection, and only its own inbox and subjects', async () => {
    const known = nkeys.createUser();
    const guarded = await startNats(`authorization: { users: [ { nkey: "${known.getPublicKey()}", permissions: {
      publish: "allowed", subscribe: "_INBOX_asker.>" } } ] }`);
    const { log, lines } = keptLog();
    const bus = await open({ servers: [guarded.address], nkeySeed: seedOf(known), log });
    await expect(bus.request('allowed', {}, { timeoutMs: 5000 })).rejects.toMatchObject({
      message: expect.stringContaining('nobody serves'),
    });
    await expect(bus.request('other', {}, { timeoutMs: 5000 })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(lines.some(({ reason }) => String(reason).includes('Permissions Violation'))).toBe(true);
    expect(JSON.stringify(lines)).not.toContain(Buffer.from(known.getSeed()).toString());
    await expect(open({ servers: [guarded.address], nkeySeed: seedOf(nkeys.createUser()) })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});
