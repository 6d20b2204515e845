import 'reflect-metadata';
import { EventEmitter } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { Controller, Injectable, Module, type OnModuleDestroy } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { Log } from '@countersign/runtime';
import { Bus, busOptions, connectBus } from '../index.js';
import { startNats, stopAllNats, until, type TestNats } from '../testing/start-nats.js';
import { runService, type HostProcess, type ServiceParts, type ServiceStart } from './index.js';

let release = (): void => undefined;
let started = 0;

/** Something a handler needs, closed by Nest's hook. */
@Injectable()
class Store implements OnModuleDestroy {
  open = true;
  constructor(
    readonly bus: Bus,
    readonly log: Log,
  ) {}
  onModuleDestroy(): void {
    this.open = false;
  }
}

@Controller()
class Demo {
  constructor(private readonly store: Store) {}

  @MessagePattern('demo.slow')
  async slow(): Promise<string> {
    started += 1;
    await new Promise<void>((resolve) => (release = resolve));
    return this.store.open ? 'in time' : 'its store was closed';
  }
}

@Module({ controllers: [Demo], providers: [Store] })
class DemoModule {}

/** A process of the test's own: nothing is ended by `exit`, and its standard error is kept. */
function host(env: NodeJS.ProcessEnv): {
  host: HostProcess;
  emit: EventEmitter['emit'];
  said: string[];
  exits: number[];
} {
  const emitter = new EventEmitter();
  const said: string[] = [];
  const exits: number[] = [];
  const fake = {
    env,
    on: (event: string, listener: (...args: unknown[]) => void) => emitter.on(event, listener),
    exit: (code: number) => void exits.push(code),
    stderr: { write: (text: string) => said.push(text) },
  };
  return { host: fake as unknown as HostProcess, emit: emitter.emit.bind(emitter), said, exits };
}

let nats: TestNats;
beforeAll(async () => {
  nats = await startNats();
});
afterAll(async () => {
  for (const bus of opened) await bus.close(); // a real process would have ended
  await stopAllNats();
});
const opened: Bus[] = [];

async function build({ environment, log }: ServiceStart): Promise<ServiceParts> {
  const options = busOptions(environment, 'demo');
  environment.finish();
  const bus = await connectBus({ ...options, log, firstConnectMs: 300 });
  opened.push(bus);
  return { module: DemoModule, bus };
}

describe('a service', () => {
  test('says ready, and on SIGTERM finishes what is under way while its providers are still open, then exits 0', async () => {
    const process_ = host({ NATS_SERVERS: nats.address });
    await runService('demo', '1.0.0', build, process_.host);
    expect(process_.said.some((line) => line.includes('"message":"ready"'))).toBe(true);
    const plain = await connect({ servers: nats.address, inboxPrefix: '_INBOX_tester' });
    const answer = plain.request('demo.slow', '{}', { timeout: 5000 });
    await until('the request is under way', () => started === 1);
    process_.emit('SIGTERM', 'SIGTERM');
    process_.emit('SIGTERM', 'SIGTERM');
    await until('it has begun to stop', () => process_.said.some((line) => line.includes('"message":"stopping"')));
    expect(process_.exits).toEqual([]);
    release();
    expect((await answer).json()).toBe('in time');
    await until('exit', () => process_.exits.length > 0);
    expect(process_.exits).toEqual([0]);
    await plain.close();
  });

  test('is observed where it is told to be', async () => {
    const process_ = host({ NATS_SERVERS: nats.address, OBSERVE_ADDRESS: '127.0.0.1:0' });
    await runService('demo', '1.0.0', build, process_.host);
    const line = process_.said.find((said) => said.includes('"message":"observed"')) ?? '{}';
    const base = `http://127.0.0.1:${(JSON.parse(line) as { port: number }).port}`;
    expect(await (await fetch(`${base}/ready`)).json()).toEqual({ ready: true, missing: {} });
    const plain = await connect({ servers: nats.address, inboxPrefix: '_INBOX_tester' });
    await plain.request('demo.slow', 'no JSON', { timeout: 5000 });
    expect(await (await fetch(`${base}/metrics`)).text()).toMatch(
      /^countersign_requests_total\{verb="demo.slow",outcome="INVALID_ARGUMENT"\} 1$/m,
    );
    process_.emit('SIGTERM', 'SIGTERM');
    await until('exit', () => process_.exits.length > 0);
    expect((await fetch(`${base}/ready`)).status).toBe(503);
    await plain.close();
  });

  test('with unusable configuration exits 78 and names each variable and what would be right', async () => {
    const process_ = host({ NATS_SERVERS: 'not a server', NATS_NKEY_FILE: '/nowhere', LOG_LEVEL: 'loud' });
    await runService('demo', '1.0.0', build, process_.host);
    expect(process_.exits).toEqual([78]);
    const text = process_.said.join('');
    expect(text).toContain('LOG_LEVEL is "loud"; it should be one of debug, info, warn, error');
    expect(text).toContain('NATS_SERVERS is "not a server"; it should be host:port');
    expect(text).toContain('NATS_NKEY_FILE points to /nowhere, which cannot be read (ENOENT)');
  });

  test('without NATS exits 1 and says which server is missing', async () => {
    const process_ = host({ NATS_SERVERS: '127.0.0.1:1' });
    await runService('demo', '1.0.0', build, process_.host);
    expect(process_.exits).toEqual([1]);
    expect(process_.said.join('')).toContain('no NATS server at 127.0.0.1:1');
  });

  test('that may not subscribe to its own subject exits 1 and names it', async () => {
    const guarded = await startNats(
      'authorization: { default_permissions: { subscribe: ["_INBOX_demo.>", "$SRV.>"] }, users: [ { user: a, password: b } ] }\nno_auth_user: a',
    );
    const process_ = host({ NATS_SERVERS: guarded.address });
    await runService('demo', '1.0.0', build, process_.host);
    expect(process_.exits[0]).toBe(1);
    expect(process_.said.join('')).toContain('NATS does not let this identity subscribe to demo.slow');
  });

  test('exits 1 on a rejection that nobody caught, and logs it', async () => {
    const process_ = host({ NATS_SERVERS: nats.address });
    await runService('demo', '1.0.0', build, process_.host);
    process_.emit('unhandledRejection', new Error('nobody caught me'));
    expect(process_.exits).toEqual([1]);
    expect(process_.said.join('')).toContain('nobody caught me');
    process_.emit('SIGTERM', 'SIGTERM');
    await until('it stopped', () => process_.exits.includes(0));
  });
});
