import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Countersign } from '@countersign/caller';
import { until } from '@countersign/bus/testing';
import {
  DELIVER_SUBJECT,
  keysSubject,
  type EventView,
  type IssueReply,
  type RedeemReply,
} from '@countersign/contracts';
import { connectAs } from '@countersign/local';
import { RecipientKey, makeRecipient, openCode } from '@countersign/sealing';
import { MailRelay } from '../world/mail-relay.js';
import { recipientKey } from '../world/sheets.js';
import { World } from '../world/world.js';

// The bank has the accounts; the shop issues codes for them; a real mail relay stands between delivery and the person.

const PAYMENT = { payee: 'Charles', amount: '12.50', currency: 'EUR' };
const PER_TENANT = 30;
const GUESSES = 30; // wrong codes of challenges that the key service looks at for one account within a minute

let relay: MailRelay;
let world: World;
let bank: Countersign;
let shop: Countersign;
let audit: Countersign;

beforeAll(async () => {
  relay = await MailRelay.start();
  const callers = { bank: 'verifier', shop: 'verifier', desk: 'enroller', ops: 'operator', audit: 'auditor' } as const;
  world = await World.start({
    tenants: ['acme', 'beta'].map((name) => ({ name, callers })),
    replicas: { verification: 2, delivery: 1 },
    variables: { delivery: { ...relay.variables, DELIVERIES_PER_TENANT: String(PER_TENANT) } },
  });
  [bank, shop, audit] = await Promise.all([world.caller('bank'), world.caller('shop'), world.caller('audit')]);
}, 120_000);
afterAll(async () => {
  await world?.stop();
  await relay?.stop();
});

const eventsOf = async (account: string): Promise<EventView[]> => (await audit.events({ account })).events;
/** Waits for an event, as whoever follows the tenant's events does. */
async function followed(account: string, type: EventView['type']): Promise<void> {
  for (let after = 0; ;) {
    const { events, next } = await audit.events({ account, after, waitMs: 1000 });
    if (events.some((event) => event.type === type)) return;
    after = next;
  }
}
const mail = (to: string) => ({ channel: 'mail', to }) as const;
const personOf = (account: string): string => `${account}@example.org`;

/** The shop has a code sent to the person whose account it is. */
async function sent(more: Partial<Parameters<Countersign['issueChallenge']>[0]> = {}) {
  const { name: account, id } = await world.account();
  const person = personOf(account);
  const issued = await shop.issueChallenge({ account, deliver: mail(person), verifiers: ['bank'], ...more });
  return { account, id, person, challenge: issued.challenge, issued, code: await relay.codeFor(person) };
}

test('the shop issues, the person reads the mail, the bank verifies: this payment, once', async () => {
  const { account, issued, challenge, code } = await sent({ purpose: 'payment', transaction: PAYMENT });
  expect(Object.keys(issued).sort()).toEqual(['challenge', 'expiresAt', 'sequence']); // and nothing of the code
  await followed(account, 'challenge_sent');
  const pay = (by: Countersign, transaction: object) =>
    by.verifyChallenge({ account, challenge, code, purpose: 'payment', transaction });
  const wrong = { verdict: 'rejected', reason: 'wrong_code' };
  expect(await pay(bank, { ...PAYMENT, amount: '1250.00' })).toMatchObject({ ...wrong, triesLeft: 2 });
  expect(await pay(bank, PAYMENT)).toMatchObject({ verdict: 'accepted' });
  for (const by of [bank, shop]) expect(await pay(by, PAYMENT)).toMatchObject({ ...wrong, triesLeft: 0 });

  const told = (await eventsOf(account)).map((event) => shownOf(event));
  expect(told).toEqual([
    { type: 'created', by: 'desk' },
    { type: 'challenge_issued', by: 'shop' },
    { type: 'challenge_sent', by: 'delivery' },
    { type: 'challenge_rejected', by: 'bank', reason: 'transaction' },
    { type: 'challenge_accepted', by: 'bank' },
    { type: 'challenge_rejected', by: 'bank', reason: 'not_open' },
    { type: 'challenge_rejected', by: 'shop', reason: 'not_open' },
  ]);
});

const shownOf = (event: EventView): object => ({
  type: event.type,
  ...('by' in event && { by: event.by }),
  ...('reason' in event && { reason: event.reason }),
});

test('who asks for it once more gets the same code; nobody else does', async () => {
  const { account, person, challenge, code } = await sent();
  await bank.sendChallenge({ account, challenge, deliver: mail(person) });
  expect(await relay.codeFor(person, 2)).toBe(code);
  expect(await bank.verifyChallenge({ account, challenge, code })).toMatchObject({ verdict: 'accepted' });
  await expect(bank.sendChallenge({ account, challenge, deliver: mail(person) })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('Redis lost and a replica killed between issuing and verifying change nothing', async () => {
  const { account, challenge, code } = await sent();
  const { account: other, challenge: another, code: otherCode } = await sent();
  await world.platform.askRedis(['FLUSHALL']);
  const redis = world.platform.process('redis');
  await redis.stop();
  await world.process('verification', 1).crash();
  expect(await bank.verifyChallenge({ account, challenge, code })).toMatchObject({ verdict: 'accepted' });
  await world.process('verification', 1).ready();
  await world.process('verification', 2).crash();
  expect(await bank.verifyChallenge({ account, challenge, code })).toMatchObject({ verdict: 'rejected' });
  const verdict = await bank.verifyChallenge({ account: other, challenge: another, code: otherCode });
  expect(verdict).toMatchObject({ verdict: 'accepted' });
  await redis.start();
  await world.process('verification', 2).ready();
}, 30_000);

describe('a captured verification', () => {
  /** All that it knows of a challenge that is open: the ledger's last word on the account. */
  async function captured() {
    const { id, challenge, code } = await sent();
    const bus = await connectAs(world.platform.folder, world.platform.natsServers, 'verification', 5000);
    const ask = <Reply>(subject: string, message: object) => bus.request<Reply>(subject, message, { timeoutMs: 5000 });
    const stored = await ask<{ message: { data: string } }>('$JS.API.STREAM.MSG.GET.ledger', {
      last_by_subj: `ledger.acme.${id}`,
    });
    const { state } = JSON.parse(Buffer.from(stored.message.data, 'base64').toString('utf8')) as {
      state: { challenges: { nonce: string; form: object }[] };
    };
    const { nonce, form } = state.challenges[0]!;
    const context = createHash('sha256').update('countersign challenge context v1\0{}').digest('base64url'); // bound to nothing
    const item = { tenant: 'acme', account: id, challenge, context, nonce, form };
    return { bus, item, code, ask };
  }

  test('gets the code sealed to nobody whose key is not pinned, nor to a recipient of another tenant', async () => {
    const { bus, item, code, ask } = await captured();
    const own = await makeRecipient('verification');
    await recipientKey(world, 'mine', 'beta');
    const bank = await recipientKey(world, 'bank');
    const issue = (recipient: string) => ask<IssueReply>(keysSubject('issue'), { ...item, recipient });
    for (const recipient of ['verification', 'acme/verification', 'beta/mine'])
      expect(await issue(recipient)).toEqual({ kind: 'unknown-recipient' });
    await expect(issue(own.publicText)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    for (const recipient of ['acme/bank', 'delivery']) {
      const { sealed } = (await issue(recipient)) as Extract<IssueReply, { kind: 'issued' }>;
      const thief = await RecipientKey.read(own.privateText);
      await expect(openCode(thief, item, Buffer.from(sealed, 'base64url'))).rejects.toThrow();
      if (recipient !== 'acme/bank') continue;
      expect(await openCode(bank, item, Buffer.from(sealed, 'base64url'))).toBe(code);
    }
    await bus.close();
  });

  test('asks about so many wrong codes of one account in a minute, over however many challenges', async () => {
    const { bus, item, code, ask } = await captured();
    const challenges = ['0', '1', '2', '3'].map((last) => `${item.challenge.slice(0, -1)}${last}`);
    const kinds: string[] = [];
    for (let each = 0; each < GUESSES + 10; each += 1) {
      const guess = { ...item, challenge: challenges[each % 4], code: String(each).padStart(6, '0') };
      kinds.push((await ask<RedeemReply>(keysSubject('redeem'), guess)).kind);
    }
    expect(kinds.filter((kind) => kind === 'none').length).toBeLessThanOrEqual(GUESSES);
    expect(kinds.at(-1)).toBe('refused');
    expect((await ask<RedeemReply>(keysSubject('redeem'), { ...item, code })).kind).toBe('refused');
    await bus.close();
  });

  test('can have a code sent elsewhere, but not one that was sealed for something else', async () => {
    const { bus, item, code, ask } = await captured();
    const { context: _context, nonce: _nonce, form: _form, ...label } = item;
    const { sealed } = (await ask<IssueReply>(keysSubject('issue'), { ...item, recipient: 'delivery' })) as {
      sealed: string;
    };
    const deliver = (more: object) =>
      ask(DELIVER_SUBJECT, { ...label, sealed, expiresAt: Date.now() + 60_000, ...mail('thief@example.org'), ...more });
    for (const more of [{ account: '0'.repeat(20) }, { challenge: 'z'.repeat(16) }])
      await expect(deliver(more)).rejects.toMatchObject({ fields: [{ field: 'sealed' }] });
    await deliver({}); // what docs/security.md says that it can
    expect(await relay.codeFor('thief@example.org')).toBe(code);
    await bus.close();
  });
});

describe('who earns by messages, or annoys by them', () => {
  test('one recipient gets five an hour, whichever account, challenge or caller they are for; the rest are withdrawn', async () => {
    const victim = 'victim@example.org';
    const told: string[] = [];
    const accounts: string[] = [];
    for (let each = 0; each < 8; each += 1) {
      const { name: account } = await world.account();
      accounts.push(account);
      const by = each % 2 ? bank : shop;
      const deliver = mail(each % 3 ? victim : victim.toUpperCase());
      told.push(await by.issueChallenge({ account, deliver }).then(() => 'sent', codeOf));
    }
    expect(told).toEqual([...Array.from({ length: 5 }, () => 'sent'), 'LIMIT', 'LIMIT', 'LIMIT']);
    await until('they came', () => relay.mails.filter(({ to }) => to[0]?.toLowerCase() === victim).length === 5);
    const last = (await eventsOf(accounts.at(-1) as string)).map(({ type }) => type);
    expect(last).toEqual(['created', 'challenge_issued', 'challenge_cancelled']);
  });

  test('one challenge is sent three times, however often it is asked for', async () => {
    const { account, challenge } = await sent();
    const again = (to: string) => shop.sendChallenge({ account, challenge, deliver: mail(to) });
    for (const sendsLeft of [1, 0]) expect(await again(`away-${sendsLeft}@example.org`)).toMatchObject({ sendsLeft });
    const loop = Array.from({ length: 5 }, (_, each) => again(`loop-${each}@example.org`).then(() => 'sent', codeOf));
    expect(await Promise.all(loop)).toEqual(Array.from({ length: 5 }, () => 'LIMIT'));
    expect(relay.mails.filter(({ to }) => to[0]?.startsWith('loop-'))).toEqual([]);
  });

  test('a tenant sends so many an hour; a name that nobody has counts, too, and gets none', async () => {
    let nobodys = 0;
    for (let each = 0; each < PER_TENANT; each += 1) {
      const account = `nobody-${each}`;
      const told = await shop.issueChallenge({ account, deliver: mail(personOf(account)) }).then(() => 'sent', codeOf);
      if (told === 'sent') nobodys += 1;
      else expect(told).toBe('LIMIT');
    }
    expect(nobodys).toBeLessThan(PER_TENANT);
    const { name: account } = await world.account();
    await expect(shop.issueChallenge({ account, deliver: mail(personOf(account)) })).rejects.toMatchObject({
      code: 'LIMIT',
    });
    expect(relay.mails.filter(({ to }) => to[0]?.startsWith('nobody-'))).toEqual([]);
    expect(relay.mails.length + nobodys).toBe(PER_TENANT);
  });
});

const codeOf = (error: { code: string }): string => error.code;
