import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NatsConnection } from '@nats-io/nats-core';
import { callerSubject, parseCaller, type FailureBody, type Verb } from '@countersign/contracts';
import type { Device } from '../world/device.js';
import { rawClient } from '../world/raw-client.js';
import { World } from '../world/world.js';

const KIBIBYTE = 1024;

/** What a plain client in any language sees: the body and the error headers. */
interface Seen {
  body: Partial<FailureBody> & Record<string, unknown>;
  error: string;
  status: string;
}

describe('bad input has a defined answer', () => {
  let world: World;
  let device: Device;
  const clients = new Map<string, NatsConnection>();

  beforeAll(async () => {
    world = await World.start();
    device = await world.owner();
    for (const name of ['app', 'desk', 'ops', 'audit']) {
      clients.set(name, await rawClient(name, world.platform.callerCredentials('acme', name)));
    }
  });
  afterAll(async () => {
    for (const client of clients.values()) await client.close();
    await world.stop();
  });

  async function send(caller: string, verb: Verb, data: string | Uint8Array): Promise<Seen> {
    const client = clients.get(caller) as NatsConnection;
    const reply = await client.request(callerSubject(parseCaller(caller), verb), data, { timeout: 5000 });
    return {
      body: reply.json(),
      error: reply.headers?.get('Nats-Service-Error') ?? '',
      status: reply.headers?.get('Nats-Service-Error-Code') ?? '',
    };
  }
  const ask = (caller: string, verb: Verb, message: unknown): Promise<Seen> =>
    send(caller, verb, JSON.stringify(message));

  const malformed: [string, string | Uint8Array][] = [
    ['nothing', ''],
    ['half a message', '{"account": "a"'],
    ['no object: a list', '[]'],
    ['no object: a number', '7'],
    ['no object: null', 'null'],
    ['no object: text', '"verify"'],
    ['bytes that are not UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d)],
    ['deep nesting', '['.repeat(20_000) + ']'.repeat(20_000)],
  ];
  test.each(malformed)('%s', async (_name, data) => {
    const { body, error, status } = await send('app', 'verify', data);
    expect(body).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.any(String) });
    expect({ error: error !== '', status }).toEqual({ error: true, status: '400' });
  });

  const good = { account: 'ada', code: '123456' };
  const wrongFields: [string, unknown, string][] = [
    ['no account', { code: '123456' }, 'account'],
    ['an account that is a number', { ...good, account: 7 }, 'account'],
    ['an empty account', { ...good, account: '' }, 'account'],
    ['an over-long account', { ...good, account: 'a'.repeat(257) }, 'account'],
    ['an account with NUL', { ...good, account: 'a\0b' }, 'account'],
    ['an account with a newline', { ...good, account: 'a\nb' }, 'account'],
    ['an account of half a surrogate pair', { ...good, account: 'a\ud800' }, 'account'],
    ['no code', { account: 'ada' }, 'code'],
    ['a code that is a number', { ...good, code: 123456 }, 'code'],
    ['a code with a blank before', { ...good, code: ' 123456' }, 'code'],
    ['a code with a blank inside', { ...good, code: '123 456' }, 'code'],
    ['a code with a newline after', { ...good, code: '123456\n' }, 'code'],
    ['a code with a no-break space', { ...good, code: '123456\u00a0' }, 'code'],
    ['a code with a zero-width space', { ...good, code: '123\u200b456' }, 'code'],
    ['full-width digits', { ...good, code: '１２３４５６' }, 'code'],
    ['Arabic digits', { ...good, code: '١٢٣٤٥٦' }, 'code'],
    ['a code that is too short', { ...good, code: '12345' }, 'code'],
    ['a code that is too long', { ...good, code: '12345678901' }, 'code'],
    ['a code with a sign', { ...good, code: '+12345' }, 'code'],
    ['a code that is an object', { ...good, code: { $ne: '' } }, 'code'],
    ['an unknown field', { ...good, tenant: 'beta' }, 'tenant'],
    ['a field of the prototype', JSON.parse('{"account":"ada","code":"123456","__proto__":{"x":1}}'), '__proto__'],
    ['the constructor', { ...good, constructor: 1 }, 'constructor'],
    ['a requestId with a blank', { ...good, requestId: 'a b' }, 'requestId'],
    ['an over-long requestId', { ...good, requestId: 'a'.repeat(65) }, 'requestId'],
    ['an over-long origin', { ...good, origin: 'a'.repeat(129) }, 'origin'],
    ['a device with wildcards', { ...good, device: '*.>' }, 'device'],
  ];
  test.each(wrongFields)('%s: names the field', async (_name, message, field) => {
    const { body, status } = await ask('app', 'verify', message);
    expect({ code: body.code, status }).toEqual({ code: 'INVALID_ARGUMENT', status: '400' });
    expect(body.fields?.map((each) => each.field)).toContain(field);
    expect(JSON.stringify(body)).not.toContain('123456');
  });

  test('a message over 64 KiB', async () => {
    const { body, status } = await ask('app', 'verify', { ...good, origin: 'x'.repeat(70 * KIBIBYTE) });
    expect({ code: body.code, status }).toEqual({ code: 'TOO_LARGE', status: '413' });
  });

  const namesLikeSubjects = [
    'a.b',
    '.',
    '..',
    '*',
    '>',
    '*.>',
    'ledger.acme._tenant',
    '$JS.API.STREAM.DELETE.ledger',
    '_nobody',
    'a b',
    `${'a.'.repeat(120)}>`,
  ];
  test.each(namesLikeSubjects)('%j is a name like another, and only a name', async (name) => {
    const { body } = await ask('desk', 'account.create', { names: [name] });
    expect(body).toMatchObject({ id: expect.stringMatching(/^[0-9a-hjkmnp-tv-z]{20}$/) });
    expect((await ask('desk', 'account.get', { account: name })).body.id).toBe(body.id);
    expect((await ask('app', 'verify', { account: name, code: '123456' })).body).toMatchObject({ reason: 'disabled' });
  });
  test.each([
    ['NUL', 'a\0b'],
    ['4 KiB', 'a'.repeat(4096)],
    ['nothing', ''],
    ['a carriage return', 'a\r\nPUB x 0'],
  ])('no account is made with a name of %s', async (_what, name) => {
    const { body } = await ask('desk', 'account.create', { names: [name] });
    expect(body).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(body.fields?.[0]?.field).toMatch(/^names/);
  });

  const others: [string, string, Verb, () => unknown, string][] = [
    ['an account that exists', 'desk', 'account.create', () => ({ names: [device.account] }), 'CONFLICT'],
    ['no names', 'desk', 'account.create', () => ({ names: [] }), 'INVALID_ARGUMENT'],
    ['the same name twice', 'desk', 'account.create', () => ({ names: ['x', 'x'] }), 'INVALID_ARGUMENT'],
    ['names that are no list', 'desk', 'account.create', () => ({ names: 'ada' }), 'INVALID_ARGUMENT'],
    ['an unknown account', 'desk', 'account.get', () => ({ account: 'nobody' }), 'NOT_FOUND'],
    ['an unknown account', 'desk', 'device.list', () => ({ account: 'nobody' }), 'NOT_FOUND'],
    ['an unknown account', 'ops', 'account.unlock', () => ({ account: 'nobody' }), 'NOT_FOUND'],
    ['an unknown account', 'audit', 'audit.events', () => ({ account: 'nobody' }), 'NOT_FOUND'],
    [
      'an unknown device',
      'ops',
      'device.revoke',
      () => ({ account: device.account, device: '0'.repeat(12) }),
      'NOT_FOUND',
    ],
    [
      'an unknown device',
      'desk',
      'device.confirm',
      () => ({ account: device.account, device: '0'.repeat(12), code: '123456' }),
      'NOT_FOUND',
    ],
    [
      'a device that is active',
      'desk',
      'device.confirm',
      () => ({ account: device.account, device: device.id, code: '123456' }),
      'CONFLICT',
    ],
    [
      'a point that is too short',
      'desk',
      'enroll.exchange',
      () => ({ account: device.account, type: 'totp', point: 'BAAA' }),
      'INVALID_ARGUMENT',
    ],
    [
      'a compressed point',
      'desk',
      'enroll.exchange',
      () => ({ account: device.account, type: 'totp', point: point(2) }),
      'INVALID_ARGUMENT',
    ],
    [
      'a point off the curve',
      'desk',
      'enroll.exchange',
      () => ({ account: device.account, type: 'totp', point: point(4) }),
      'INVALID_ARGUMENT',
    ],
    [
      'an unknown type',
      'desk',
      'enroll.exchange',
      () => ({ account: device.account, type: 'sms', point: point(4) }),
      'INVALID_ARGUMENT',
    ],
    [
      '5 digits',
      'desk',
      'enroll.exchange',
      () => ({ account: device.account, type: 'totp', digits: 5, point: point(4) }),
      'INVALID_ARGUMENT',
    ],
    [
      'an import nobody wrapped',
      'ops',
      'device.import',
      () => ({
        account: device.account,
        type: 'hotp',
        device: '0'.repeat(12),
        point: point(4),
        wrapped: 'A'.repeat(43),
      }),
      'INVALID_ARGUMENT',
    ],
    ['a negative cursor', 'audit', 'audit.events', () => ({ after: -1 }), 'INVALID_ARGUMENT'],
    ['a page of half an event', 'audit', 'audit.events', () => ({ limit: 0.5 }), 'INVALID_ARGUMENT'],
  ];
  const point = (form: number): string =>
    Buffer.from([form, ...Array.from({ length: 64 }, () => 1)]).toString('base64url');
  test.each(others)('%s, to %s %s', async (_name, caller, verb, message, code) => {
    expect((await ask(caller, verb, message())).body).toMatchObject({ code });
  });

  test('hostile reply subjects get no answer, and nothing is written for them', async () => {
    const client = clients.get('app') as NatsConnection;
    for (const reply of [
      'ledger.acme.x',
      'countersign.internal.keys.match',
      '$JS.API.STREAM.DELETE.ledger',
      'a.>',
      '_INBOX_desk.x',
    ])
      client.publish(callerSubject(parseCaller('app'), 'verify'), JSON.stringify(good), { reply });
    await client.flush();
    const app = await world.caller('app');
    expect(await app.verify({ account: device.account, code: device.code() })).toMatchObject({ verdict: 'accepted' });
    const audit = await world.caller('audit');
    expect((await audit.events({})).events.map(({ account }) => account)).not.toContain('x');
  });

  test('after all of that every service still stands, without a restart', async () => {
    expect((await world.platform.livingServices()).map(({ name }) => name).sort()).toEqual(
      ['audit', 'enrollment', 'key-derivation', 'verification'].sort(),
    );
    for (const each of world.platform.processes)
      expect({ name: each.name, restarts: each.restarts }).toEqual({ name: each.name, restarts: 0 });
  });
});
