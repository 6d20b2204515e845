import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { headers, nkeys, type Msg } from '@nats-io/nats-core';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import {
  BadRequestException,
  Catch,
  Controller,
  Injectable,
  Module,
  ParseIntPipe,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type CanActivate,
  type CallHandler,
  type ExceptionFilter,
  type ExecutionContext,
  type INestMicroservice,
  type NestInterceptor,
} from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { Failure } from '@countersign/contracts';
import { Secret } from '@countersign/runtime';
import { IsString, MaxLength } from 'class-validator';
import { map, of, throwError, type Observable } from 'rxjs';
import { Bus, TIMEOUT_HEADER, connectBus } from '../index.js';
import { keptLog } from '../testing/kept-log.js';
import { startNats, stopAllNats, until, type TestNats } from '../testing/start-nats.js';
import { MessageContext, ValidMessage, createBusMicroservice } from './index.js';

class Greeting {
  @IsString()
  @MaxLength(8)
  name!: string;
}

@Injectable()
class OnlyAnn implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { who } = context.switchToRpc().getData<{ who: string }>();
    if (who === 'throws') throw new Failure('LIMIT', 'guard threw');
    return who === 'ann' && context.switchToRpc().getContext<MessageContext>() instanceof MessageContext;
  }
}

@Injectable()
class Wrap implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((value: unknown) => ({ wrapped: value })));
  }
}

@Catch(RangeError)
class RangeFilter implements ExceptionFilter<RangeError> {
  catch(): Observable<never> {
    return throwError(() => new Failure('CONFLICT', 'a filter chose this'));
  }
}

/** Handlers that a test ends by hand, or that block the whole process. */
const held: { started: number; release: () => void; until: Promise<void> } = {
  started: 0,
  release: () => undefined,
  until: Promise.resolve(),
};
const events: unknown[] = [];

@Controller()
class Demo {
  constructor(readonly bus: Bus) {}

  @MessagePattern('demo.echo')
  echo(@Payload() body: unknown): unknown {
    return { body };
  }

  @MessagePattern('demo.nothing')
  async nothing(): Promise<void> {}

  @MessagePattern('demo.stream')
  stream(): Observable<number> {
    return of(1, 2, 3);
  }

  @MessagePattern('demo.mine.*', { perReplica: true })
  mine(): string {
    return 'mine';
  }

  @MessagePattern('demo.context.*.verb')
  context(@Ctx() context: MessageContext): unknown {
    const { subject, tokens, headers: lines } = context;
    return { subject, tokens, extra: lines?.get('Extra'), remainingMs: context.remainingMs() };
  }

  @MessagePattern('demo.valid')
  valid(@Payload(new ValidMessage(Greeting)) body: Greeting): unknown {
    return { hello: body.name, real: body instanceof Greeting };
  }

  @MessagePattern('demo.number')
  number(@Payload('n', ParseIntPipe) n: number): number {
    return n + 1;
  }

  @UseGuards(OnlyAnn)
  @MessagePattern('demo.guarded')
  guarded(): string {
    return 'in';
  }

  @UseInterceptors(Wrap)
  @MessagePattern('demo.intercepted')
  intercepted(@Payload() body: { fail?: boolean }): string {
    if (body.fail) throw new Failure('NOT_FOUND', 'inside an interceptor');
    return 'value';
  }

  @UseFilters(RangeFilter)
  @MessagePattern('demo.filtered')
  filtered(): never {
    throw new RangeError('secret detail');
  }

  @MessagePattern('demo.throws')
  throws(@Payload() { what }: { what: string }): unknown {
    switch (what) {
      case 'failure':
        throw new Failure('BUSY', 'later', { retryAfterMs: 5, fields: [{ field: 'f', problem: 'p' }] });
      case 'rpc failure':
        throw new RpcException(new Failure('LIMIT', 'inner'));
      case 'rpc object':
        throw new RpcException({ code: 'CONFLICT', message: 'as an object' });
      case 'rpc text':
        throw new RpcException('internal hostname db7');
      case 'http':
        throw new BadRequestException(['a is wrong', 'b is wrong']);
      case 'not an error':
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- what others' code may do
        throw 'a string';
      case 'big':
        return 'x'.repeat(70_000);
      case 'no json':
        return { n: 1n };
      default:
        throw new Error('internal hostname db7');
    }
  }

  @MessagePattern('demo.held')
  async held(): Promise<string> {
    held.started += 1;
    await held.until;
    return 'done';
  }

  @MessagePattern('demo.block')
  block(@Payload() { ms }: { ms: number }): string {
    held.started += 1;
    const end = performance.now() + ms;
    while (performance.now() < end);
    return 'blocked';
  }

  @EventPattern('demo.event', { queue: false })
  event(@Payload() body: unknown): void {
    events.push(body);
  }

  @EventPattern('demo.event')
  eventAgain(@Payload() body: unknown): void {
    events.push({ again: body });
    if (body === 'fail') throw new Error('event broke');
  }
}

@Module({ controllers: [Demo] })
class DemoModule {}

let nats: TestNats;
let plain: NatsConnection;
let bus: Bus;
let app: INestMicroservice;
let replica: Served;
let lines: Record<string, unknown>[];
const service = { name: 'demo', version: '1.2.3', description: 'a demonstration', metadata: { a: 'b' } };
const MAX_IN_FLIGHT = 8;
const MAX_WAITING = 4;

interface Served {
  app: INestMicroservice;
  bus: Bus;
  lines: Record<string, unknown>[];
  close(): Promise<void>;
}

/** One replica, on the test's own server unless it is given a connection. */
async function serve(given?: Bus): Promise<Served> {
  const kept = keptLog();
  const own = given ?? (await connectBus({ servers: [nats.address], identity: 'demo', log: kept.log }));
  const options = {
    bus: own,
    service,
    replica: 'r1',
    maxInFlight: MAX_IN_FLIGHT,
    maxWaiting: MAX_WAITING,
    drainMs: 3000,
  };
  const served = await createBusMicroservice(DemoModule, options);
  await served.listen();
  const close = async (): Promise<void> => {
    await served.close();
    await own.close();
  };
  return { app: served, bus: own, lines: kept.lines, close };
}

/** As a client in any language would: bytes in, bytes out. */
async function ask(
  subject: string,
  payload: string | Uint8Array,
  lines_: Record<string, string> = {},
): Promise<{ status: string; error: string; body: unknown }> {
  const sent = headers();
  for (const [key, value] of Object.entries(lines_)) sent.set(key, value);
  const reply = await plain.request(subject, payload, { timeout: 5000, headers: sent });
  return {
    status: reply.headers?.get('Nats-Service-Error-Code') ?? '',
    error: reply.headers?.get('Nats-Service-Error') ?? '',
    body: reply.json(),
  };
}
interface EndpointStats {
  name: string;
  data: Record<string, number>;
}

async function statsOf(name: string): Promise<EndpointStats> {
  const { endpoints } = (await ask('$SRV.STATS.demo', '')).body as { endpoints: EndpointStats[] };
  const found = endpoints.find((endpoint) => endpoint.name === name);
  if (!found) throw new Error(`no endpoint ${name}`);
  return found;
}

const json = (value: unknown): string => JSON.stringify(value);

beforeAll(async () => {
  nats = await startNats('max_payload: 1MB');
  plain = await connect({ servers: nats.address, inboxPrefix: '_INBOX_tester' });
});
beforeEach(async () => {
  held.started = 0;
  held.until = new Promise((resolve) => (held.release = resolve));
  events.length = 0;
  replica = await serve();
  ({ app, bus, lines } = replica);
});
afterEach(async () => {
  held.release();
  await replica.close();
});
afterAll(async () => {
  await plain.close();
  await stopAllNats();
});

describe('a request', () => {
  test('to one replica is answered by the one of that name', async () => {
    expect(await ask('demo.mine.r1', '{}')).toMatchObject({ body: 'mine' });
    await expect(ask('demo.mine.r2', '{}')).rejects.toThrow('no responders');
  });

  test('to one replica is answered by none that has no name: such a service does not start', async () => {
    const nameless = await createBusMicroservice(DemoModule, { bus, service });
    await expect(nameless.listen()).rejects.toThrow("the pattern demo.mine.* is to end in this replica's name");
    await nameless.close();
  });

  test('is answered in plain JSON', async () => {
    expect(await ask('demo.echo', '{"a":[1,"ä"]}')).toEqual({ status: '', error: '', body: { body: { a: [1, 'ä'] } } });
  });

  test('whose handler returns nothing is answered null', async () => {
    expect((await ask('demo.nothing', '{}')).body).toBeNull();
  });

  test('whose handler returns an Observable is answered with its first value', async () => {
    expect((await ask('demo.stream', '{}')).body).toBe(1);
  });

  test('brings its context: subject, tokens, headers, time left', async () => {
    const { body } = await ask('demo.context.acme.verb', '{}', { Extra: 'yes', [TIMEOUT_HEADER]: '4000' });
    const { remainingMs, ...rest } = body as { remainingMs: number };
    const tokens = ['demo', 'context', 'acme', 'verb'];
    expect(rest).toEqual({ subject: 'demo.context.acme.verb', tokens, extra: 'yes' });
    expect(remainingMs).toBeGreaterThan(3000);
    expect(remainingMs).toBeLessThanOrEqual(4000);
  });

  test('by bus.request, and its failure back as a Failure', async () => {
    expect(await bus.request('demo.echo', { x: 1 }, { timeoutMs: 2000 })).toEqual({ body: { x: 1 } });
    await expect(bus.request('demo.throws', { what: 'failure' }, { timeoutMs: 2000 })).rejects.toMatchObject({
      code: 'BUSY',
      message: 'later',
      retryAfterMs: 5,
      fields: [{ field: 'f', problem: 'p' }],
    });
  });
});

describe("Nest's own building blocks", () => {
  test('a guard lets in, refuses, and throws', async () => {
    expect((await ask('demo.guarded', json({ who: 'ann' }))).body).toBe('in');
    expect(await ask('demo.guarded', json({ who: 'bob' }))).toMatchObject({
      status: '403',
      body: { code: 'FORBIDDEN' },
    });
    expect((await ask('demo.guarded', json({ who: 'throws' }))).body).toEqual({
      code: 'LIMIT',
      message: 'guard threw',
    });
  });

  test('a pipe makes an instance of the class or names the wrong fields', async () => {
    expect((await ask('demo.valid', json({ name: 'ann' }))).body).toEqual({ hello: 'ann', real: true });
    expect((await ask('demo.valid', json({ name: 'far too long', extra: 1 }))).body).toMatchObject({
      code: 'INVALID_ARGUMENT',
      fields: expect.arrayContaining([expect.objectContaining({ field: 'extra' })]),
    });
    expect((await ask('demo.valid', '[]')).body).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test("a pipe of Nest's works, and what it throws is INVALID_ARGUMENT", async () => {
    expect((await ask('demo.number', '{"n":"41"}')).body).toBe(42);
    expect((await ask('demo.number', '{"n":"x"}')).status).toBe('400');
  });

  test('an interceptor sees the value, and failures pass through it', async () => {
    expect((await ask('demo.intercepted', '{}')).body).toEqual({ wrapped: 'value' });
    expect((await ask('demo.intercepted', '{"fail":true}')).body).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('an exception filter of the application comes before ours', async () => {
    expect((await ask('demo.filtered', '{}')).body).toEqual({ code: 'CONFLICT', message: 'a filter chose this' });
  });

  test('Bus is injected', () => {
    expect(app.get(Demo).bus).toBe(bus);
  });
});

describe('a handler that throws', () => {
  test('a Failure answers with ADR-32 headers and its body', async () => {
    expect(await ask('demo.throws', json({ what: 'failure' }))).toEqual({
      status: '429',
      error: 'BUSY: later',
      body: { code: 'BUSY', message: 'later', retryAfterMs: 5, fields: [{ field: 'f', problem: 'p' }] },
    });
  });

  test.each([
    ['rpc failure', { code: 'LIMIT', message: 'inner' }],
    ['rpc object', { code: 'CONFLICT', message: 'as an object' }],
    ['http', { code: 'INVALID_ARGUMENT', message: 'a is wrong; b is wrong' }],
  ])('%s answers %j', async (what, body) => {
    expect((await ask('demo.throws', json({ what }))).body).toEqual(body);
  });

  test.each(['an error', 'rpc text', 'not an error', 'big', 'no json'])(
    '%s is INTERNAL with a fixed text, and logged',
    async (what) => {
      const { status, error, body } = await ask('demo.throws', json({ what }));
      expect({ status, body }).toEqual({
        status: '500',
        body: { code: 'INTERNAL', message: 'a defect of the platform; nothing was decided' },
      });
      expect(error).not.toContain('db7');
      const logged = lines.filter(({ level }) => level === 'error');
      expect(logged).toMatchObject([{ message: 'a handler failed', subject: 'demo.throws' }]);
    },
  );
});

describe('a message that is not as it should be', () => {
  test.each([
    ['nothing', ''],
    ['half of it', '{"a":'],
    ['text', 'hello'],
    ['two values', '{}{}'],
    ['a byte order mark', '\ufeff{}'],
    ['broken UTF-8', Uint8Array.of(0x22, 0xc3, 0x28, 0x22)],
    ['UTF-16', Buffer.from('{}', 'utf16le')],
    ['deep nonsense', '['.repeat(60_000)],
  ])('%s is INVALID_ARGUMENT', async (_name, payload) => {
    expect(await ask('demo.echo', payload)).toMatchObject({ status: '400', body: { code: 'INVALID_ARGUMENT' } });
    expect((await ask('demo.echo', '1')).body).toEqual({ body: 1 });
  });

  test('64 KiB is taken, one byte more is TOO_LARGE', async () => {
    const bytes = (count: number): string => `"${'x'.repeat(count - 2)}"`;
    expect((await ask('demo.valid', bytes(65_536))).body).toMatchObject({ code: 'INVALID_ARGUMENT' }); // it was read
    expect((await ask('demo.valid', bytes(65_537))).body).toMatchObject({ code: 'TOO_LARGE' });
    expect((await ask('demo.valid', bytes(900_000))).body).toMatchObject({ code: 'TOO_LARGE' });
  });

  test.each(['x', '-1', '1e3', '99999999', ' '])('a deadline of %j counts as none', async (value) => {
    expect((await ask('demo.echo', '1', { [TIMEOUT_HEADER]: value })).body).toEqual({ body: 1 });
  });

  test.each(['ledger.acme.x', '$JS.API.INFO', 'demo.event', '_INBOX.abc', '_R_x', '_INBOX_a..b'])(
    'a request that wants its answer at %s is dropped, counted and logged without content',
    async (reply) => {
      const seen: Msg[] = [];
      const spy = plain.subscribe('>', { callback: (_error, message) => void seen.push(message) });
      plain.publish('demo.held', json({ code: '123456' }), { reply });
      plain.publish('demo.held', json({ code: '123456' }));
      await until('a warning', () => lines.some(({ level }) => level === 'warn'));
      await ask('demo.echo', '1'); // what was answered before this would have been seen by now
      spy.unsubscribe();
      expect(seen.filter(({ subject }) => subject === reply)).toEqual([]);
      expect(held.started).toBe(0);
      expect(json(lines)).not.toContain('123456');
      expect((await statsOf('demo-held')).data).toMatchObject({ dropped: 2 });
    },
  );

  test('a caller in another account, behind an import, is answered', async () => {
    const key = nkeys.createUser();
    const guarded = await startNats(`accounts: {
      PLATFORM: { users: [ { nkey: "${key.getPublicKey()}" } ], exports: [ { service: "demo.>" } ] }
      TENANT: { users: [ { user: "t", password: "t" } ],
                imports: [ { service: { account: PLATFORM, subject: "demo.echo" }, to: "echo" } ] } }`);
    const seed = new Secret(key.getSeed());
    const second = await serve(
      await connectBus({ servers: [guarded.address], identity: 'demo', nkeySeed: seed, log: keptLog().log }),
    );
    const tenant = await connect({ servers: guarded.address, user: 't', pass: 't' });
    const replies: string[] = [];
    const spy = second.bus.connection.subscribe('demo.echo', {
      callback: (_error, message) => void replies.push(message.reply ?? ''),
    });
    await second.bus.connection.flush();
    expect((await tenant.request('echo', '1')).json()).toEqual({ body: 1 });
    await until('the request was seen', () => replies.length > 0);
    expect(replies[0]).toMatch(/^_R_\./);
    spy.unsubscribe();
    await tenant.close();
    await second.close();
  });
});

describe('under load', () => {
  test('at most maxInFlight are worked on, maxWaiting wait, and the rest are refused at once', async () => {
    const taken = MAX_IN_FLIGHT + MAX_WAITING;
    const asked = Array.from({ length: taken + 5 }, () => ask('demo.held', '{}'));
    const refused = await Promise.all(asked.slice(taken));
    for (const { status, body } of refused) {
      expect(status).toBe('503');
      expect(body).toMatchObject({ code: 'UNAVAILABLE', retryAfterMs: 100 });
    }
    expect(held.started).toBe(MAX_IN_FLIGHT);
    held.release();
    const done = await Promise.all(asked.slice(0, taken));
    expect(held.started).toBe(taken);
    expect(done.every(({ body }) => body === 'done')).toBe(true);
    expect((await ask('demo.echo', '1')).body).toEqual({ body: 1 });
  });

  test('what lay unread until nobody waited any more is not begun', async () => {
    // One burst: the first blocks the whole process, the others have arrived by then and come after it.
    const answers = ['60000', '100', '100', '60000'].map((timeoutMs, index) =>
      ask('demo.block', json({ ms: index === 0 ? 400 : 0 }), { [TIMEOUT_HEADER]: timeoutMs }),
    );
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses).toEqual(['', '503', '503', '']);
    expect(held.started).toBe(2);
    expect((await statsOf('demo-block')).data).toMatchObject({ expired: 2 });
  });
});

describe('events', () => {
  test('reach every handler, ask for no reply, and their failures are logged', async () => {
    plain.publish('demo.event', '"one"');
    plain.publish('demo.event', 'not json');
    plain.publish('demo.event', '"fail"');
    await until('both were handled', () => events.length === 4);
    expect(events).toEqual(['one', { again: 'one' }, 'fail', { again: 'fail' }]);
    await until('the failure is logged', () => lines.some(({ reason }) => reason === 'event broke'));
  });

  test('with queue: false reach every replica; requests reach one', async () => {
    const second = await serve();
    plain.publish('demo.event', '"all"');
    await until('both replicas', () => events.length === 4);
    const asked = Array.from({ length: 6 }, () => ask('demo.held', '{}'));
    await until('all started', () => held.started === 6);
    held.release();
    const answers = await Promise.all(asked);
    expect(answers).toHaveLength(6);
    expect(held.started).toBe(6);
    await second.close();
  });
});

describe('close', () => {
  test('under load loses nothing: what was taken is answered, the rest goes to the other replica', async () => {
    const second = await serve();
    const answers: Promise<string>[] = [];
    let sending = true;
    const load = (async () => {
      while (sending) {
        for (let i = 0; i < 3; i++)
          answers.push(
            ask('demo.echo', json(answers.length)).then(
              ({ status }) => status,
              (error: Error) => error.message,
            ),
          );
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await until('load', () => answers.length > 200);
    await replica.close();
    const closedAt = answers.length;
    await until('more load', () => answers.length > closedAt + 200);
    sending = false;
    await load;
    expect((await Promise.all(answers)).filter((status) => status !== '' && status !== '503')).toEqual([]);
    await second.close();
  });

  test('waits for a request under way and answers it', async () => {
    const answer = ask('demo.held', '{}');
    await until('started', () => held.started === 1);
    const closing = app.close();
    let closed = false;
    void closing.then(() => (closed = true));
    const taken = (): Promise<boolean> =>
      ask('demo.echo', '1').then(
        () => true,
        () => false,
      );
    while (await taken()); // until NATS has heard that nothing new is taken
    expect(closed).toBe(false);
    held.release();
    expect((await answer).body).toBe('done');
    await closing;
  });
});
