import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parseMessage, DeliverRequest, type TakenNote } from '@countersign/contracts';
import { Secret } from '@countersign/runtime';
import { RecipientKey, makeRecipient, parseRecipient, sealCode } from '@countersign/sealing';
import type { ChannelDriver } from '../channels/channel.js';
import { Limits, RecipientDigest } from '../limits/limits.js';
import { Recent } from '../limits/recent.js';
import type { InHand, Sender } from '../sending/sender.js';
import { Templates } from '../templates/templates.js';
import { TenantSettings } from '../tenants/tenant-settings.js';
import { Taking } from './take.js';

const NOW = 1_800_000_000_000;
const CODE = '394820';
const binding = { tenant: 'acme', account: '0123456789abcdefghjk', challenge: 'mnpqrstvwxyz0123' };

let publicText: string;
let key: RecipientKey;
beforeAll(async () => {
  const made = await makeRecipient('delivery');
  publicText = made.publicText;
  key = await RecipientKey.read(made.privateText);
});

const sealed = async (code = CODE, change: Partial<typeof binding> = {}): Promise<string> =>
  Buffer.from(await sealCode(parseRecipient(publicText), { ...binding, ...change }, code)).toString('base64url');
const request = async (change: Partial<DeliverRequest> = {}): Promise<DeliverRequest> =>
  parseMessage(DeliverRequest, {
    ...binding,
    sealed: await sealed(),
    channel: 'mail',
    to: 'ada@example.org',
    expiresAt: NOW + 300_000,
    ...change,
  });

let taken: InHand[];
let told: TakenNote[];
let room: () => void;
let taking: Taking;
beforeEach(() => {
  [taken, told, room] = [[], [], () => undefined];
  const clock = { now: () => NOW };
  const recent = new Recent(clock);
  const channel = { name: 'mail', check: () => undefined, send: async () => ({ kind: 'sent' }) } as ChannelDriver;
  const sender = { assertRoom: () => room(), take: (message: InHand) => void taken.push(message) };
  taking = new Taking({
    key,
    clock,
    channels: { mail: channel, webhook: channel, subject: channel },
    tenants: new TenantSettings(new Map([['acme', { language: 'de', endpoints: new Map() }]])),
    templates: Templates.read(undefined, () => undefined),
    limits: new Limits(recent, { perRecipient: 3, perTenant: 100 }),
    digest: new RecipientDigest(Secret.fromText('shared')),
    recent,
    sender: sender as unknown as Sender,
    count: (note) => {
      recent.add(note);
      told.push(note);
    },
  });
});
const nothingTaken = (): void => expect([taken, told]).toEqual([[], []]);

describe('a message', () => {
  test('is taken with its code, in the language of its tenant', async () => {
    expect(await taking.take(await request())).toEqual({ taken: true });
    expect(taken).toMatchObject([{ ...binding, to: 'ada@example.org', language: 'de', expiresAt: NOW + 300_000 }]);
    expect(taken[0]?.code.reveal().toString()).toBe(CODE);
    expect(JSON.stringify(told)).not.toMatch(/ada|example|394820/);
  });

  test('asked for twice, one after the other or at once, is taken once', async () => {
    const twice = await request();
    await Promise.all([taking.take(twice), taking.take(twice)]);
    expect(await taking.take(twice)).toEqual({ taken: true });
    expect([taken.length, told.length]).toEqual([1, 1]);
    await taking.take(await request()); // sealed anew: somebody asked again
    expect(taken.length).toBe(2);
  });

  test('beyond the limit of its recipient is refused, and not counted', async () => {
    for (let sent = 0; sent < 3; sent += 1) await taking.take(await request());
    for (let more = 0; more < 2; more += 1)
      await expect(taking.take(await request())).rejects.toMatchObject({ code: 'LIMIT' });
    expect(told.length).toBe(3);
    await taking.take(await request({ to: 'eve@example.org' }));
  });

  test("for a name that is nobody's is counted, and not sent", async () => {
    expect(await taking.take(await request({ nobody: true }))).toEqual({ taken: true });
    expect([taken.length, told.length]).toEqual([0, 1]);
    await expect(taking.take(await request({ nobody: true, expiresAt: NOW }))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  test('is refused, and not counted, where there is no room', async () => {
    room = () => {
      throw new Error('no room');
    };
    await expect(taking.take(await request())).rejects.toThrow('no room');
    nothingTaken();
  });
});

test.each<[string, Partial<typeof binding>, string]>([
  ['for another challenge', { challenge: '0000000000000000' }, CODE],
  ['for another account', { account: 'zzzzzzzzzzzzzzzzzzzz' }, CODE],
  ['for another tenant', { tenant: 'beta' }, CODE],
  ['with words instead of a code', {}, 'call me!'],
  ['with lines', {}, '1234\n567'],
])('what was sealed %s is refused', async (_what, change, code) => {
  const wrong = await request({ sealed: await sealed(code, change) });
  await expect(taking.take(wrong)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', fields: [{ field: 'sealed' }] });
  nothingTaken();
});

test('what was sealed to somebody else is refused', async () => {
  const other = parseRecipient((await makeRecipient('delivery')).publicText);
  const text = Buffer.from(await sealCode(other, binding, CODE)).toString('base64url');
  await expect(taking.take(await request({ sealed: text }))).rejects.toMatchObject({ fields: [{ field: 'sealed' }] });
});

test.each<[Partial<DeliverRequest>, string]>([
  [{ expiresAt: NOW }, 'expiresAt: a time to come'],
  [{ template: 'other' }, 'template: there is no template other'],
  [{ template: 'payment' }, 'fields: the template payment shows amount, payee, too'],
  [{ template: 'payment', fields: { amount: '5 EUR' } }, 'fields: the template payment shows payee, too'],
])('%j is refused: %s', async (change, why) => {
  await expect(taking.take(await request(change))).rejects.toThrow(why);
  nothingTaken();
});

test('letters are codes, too, and a payment shows what is paid', async () => {
  const change = { template: 'payment', language: 'en', fields: { amount: '5 EUR', payee: 'Bob' } };
  await taking.take(await request({ ...change, sealed: await sealed('BCDFGHJKLM') }));
  const [message] = taken;
  expect(message?.template.render({ code: 'x', minutes: '5', amount: '5 EUR', payee: 'Bob' }).text).toContain(
    '5 EUR to Bob',
  );
});

test('a request has no line, and nothing that turns the writing round, where a person reads', async () => {
  for (const text of ['a\nb', 'a\u202eb', 'a\u2028b', '', 'x'.repeat(129)])
    for (const change of [{ purpose: text }, { fields: { amount: text } }, { fields: { payee: text } }])
      await expect(request(change)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});
