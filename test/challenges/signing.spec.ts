import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Countersign } from '@countersign/caller';
import { keysSubject, type CheckReply, type ReceiptItem } from '@countersign/contracts';
import { connectAs } from '@countersign/local';
import { WebRandom, type HeldDevice } from '@countersign/device';
import { ocraDeviceOf } from '../world/ocra.js';
import { World } from '../world/world.js';

const SIGNING = { suite: 'OCRA-1:HOTP-SHA256-8:QN20', platformSuite: 'OCRA-1:HOTP-SHA256-6:QN20' };
const COUNTED = { suite: 'OCRA-1:HOTP-SHA256-8:C-QN08' };
const PAYMENT = { payee: 'Charles', amount: '12.50', currency: 'EUR' };
const ONE_TEXT = '{"amount":"12.50","currency":"EUR","payee":"Charles"}'; // RFC 8785, by hand
const AT_ONCE = 10;

let world: World;
let app: Countersign;
let audit: Countersign;

beforeAll(async () => {
  world = await World.start({ replicas: { verification: 2 } });
  [app, audit] = await Promise.all([world.caller('app'), world.caller('audit')]);
}, 120_000);
afterAll(() => world.stop());

async function owner(suites: typeof COUNTED | typeof SIGNING) {
  const { name: account, id: accountId } = await world.account();
  return { account, accountId, ...(await ocraDeviceOf(world, account, suites)) };
}
const shown = (device: HeldDevice, question: Parameters<HeldDevice['respond']>[0]) =>
  device.respond(question, Date.now());
/** Whoever may check receipts, as audit does. */
async function checked(receipts: ReceiptItem[]): Promise<CheckReply> {
  const bus = await connectAs(world.platform.folder, world.platform.natsServer, 'audit', 5000);
  try {
    return await bus.request<CheckReply>(keysSubject('check'), { receipts }, { timeoutMs: 5000 });
  } finally {
    await bus.close();
  }
}
const eventsOf = async (account: string) => (await audit.events({ account })).events;

describe('a device that shows a payment signs it', () => {
  test('and its response opens that payment, once; the event has the proof', async () => {
    const { account, accountId, device, id } = await owner(SIGNING);
    const about = { account, purpose: 'payment', transaction: PAYMENT };
    const { challenge, question, ...rest } = await app.issueChallenge({ ...about, device: id });
    expect(question).toMatch(/^[0-9]{20}$/);
    expect(rest).not.toHaveProperty('code');
    const code = await shown(device, { challenge, transaction: PAYMENT });
    expect(code).toBe(await shown(device, { question: question! }));

    const verify = (more: object = {}) => app.verifyChallenge({ ...about, challenge, code, ...more });
    expect(await verify({ transaction: { ...PAYMENT, amount: '1250.00' } })).toMatchObject({ verdict: 'rejected' });
    expect(await verify({ device: '000000000000' })).toMatchObject({ verdict: 'rejected', triesLeft: 1 });
    expect(await verify()).toMatchObject({ verdict: 'accepted' });
    expect(await verify()).toMatchObject({ verdict: 'rejected' });
    const events = await eventsOf(account);
    expect(events).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({
          type: 'challenge_issued',
          challenge,
          to: 'device',
          bound: ['transaction', 'device'],
        }),
        expect.objectContaining({
          ...{ type: 'challenge_accepted', challenge, device: id, counter: 0 },
          signed: createHash('sha256').update(ONE_TEXT).digest('base64url'),
        }),
      ]),
    );
    expect(events.flatMap((event) => (event.type === 'challenge_rejected' ? [event.reason] : []))).toEqual([
      ...['transaction', 'device', 'not_open'],
    ]);

    const proof = events.flatMap((event) => {
      if (event.type !== 'challenge_accepted') return [];
      const { device: name, counter, receipt, signed: transaction } = event;
      return [
        {
          tenant: 'acme',
          account: accountId,
          device: name!,
          epoch: 1,
          counter: counter!,
          receipt,
          challenge,
          transaction: transaction!,
        },
      ];
    });
    const anotherPayment = proof.map((item) => ({ ...item, transaction: createHash('sha256').digest('base64url') }));
    expect((await checked([...proof, ...anotherPayment])).valid).toEqual([true, false]);
  });

  test('what it signed for another payment, or another challenge, opens nothing', async () => {
    const { account, device, id } = await owner(SIGNING);
    const about = { account, device: id, transaction: PAYMENT };
    const [one, other] = [await app.issueChallenge(about), await app.issueChallenge(about)];
    expect(one.question).not.toBe(other.question);
    const { challenge } = one;
    const elsewhere = await shown(device, { challenge: other.challenge, transaction: PAYMENT });
    const dearer = await shown(device, { challenge, transaction: { ...PAYMENT, amount: '1250.00' } });
    for (const code of [elsewhere, dearer])
      expect(await app.verifyChallenge({ ...about, challenge, code })).toMatchObject({ verdict: 'rejected' });
    const code = await shown(device, { challenge, transaction: PAYMENT });
    expect(await app.verifyChallenge({ ...about, challenge, code })).toMatchObject({ verdict: 'accepted' });
  });

  test('asked at many places at once, it is accepted once, and its counter is spent', async () => {
    const { account, device, id } = await owner(COUNTED);
    const [one, other] = [
      await app.issueChallenge({ account, device: id }),
      await app.issueChallenge({ account, device: id }),
    ];
    const first = await shown(device, { question: one.question! }); // is never shown
    const code = await shown(device, { question: other.question! });
    const asked = Array.from({ length: AT_ONCE }, () =>
      app.verifyChallenge({ account, challenge: other.challenge, code }).then(
        ({ verdict }) => verdict,
        (error: { code: string }) => error.code,
      ),
    );
    expect((await Promise.all(asked)).filter((told) => told === 'accepted')).toHaveLength(1);
    const late = await app.verifyChallenge({ account, challenge: one.challenge, code: first });
    expect(late).not.toMatchObject({ verdict: 'accepted' });
  });
});

describe('who asks back', () => {
  test('gets a response of the platform that it can check, and answers nobody else', async () => {
    const { account, device, id } = await owner(SIGNING);
    const asked = await device.ask(new WebRandom());
    const about = { account, device: id, transaction: PAYMENT };
    const { challenge, question, answer } = await app.issueChallenge({ ...about, asked });
    expect(answer).toMatch(/^[0-9]{6}$/);
    const wrong = String((Number(answer) + 1) % 1_000_000).padStart(6, '0');
    await expect(shown(device, { challenge, transaction: PAYMENT, asked, response: wrong })).rejects.toMatchObject({
      problem: 'platform',
    });
    const code = await shown(device, { challenge, transaction: PAYMENT, asked, response: answer! });
    const oneWay = await shown(device, { question: question! });
    expect(await app.verifyChallenge({ ...about, challenge, code: oneWay })).toMatchObject({ verdict: 'rejected' });
    expect(await app.verifyChallenge({ ...about, challenge, code })).toMatchObject({ verdict: 'accepted' });
  });

  test('with the same request gets the same', async () => {
    const { account, device, id } = await owner(SIGNING);
    const about = { account, device: id, asked: await device.ask(new WebRandom()), requestId: 'order-7' };
    const first = await app.issueChallenge(about);
    expect(await app.issueChallenge(about)).toEqual({ ...first, repeated: true });
  });
});

test('what no device can answer is refused, and nothing stays open', async () => {
  const { account, id } = await owner(COUNTED);
  const stranger = { account: 'nobody-has-this-name', device: id };
  const refused = (request: object, code: string) =>
    expect(app.issueChallenge({ account, device: id, ...request })).rejects.toMatchObject({ code });
  await refused({ transaction: PAYMENT }, 'INVALID_ARGUMENT'); // 8 digits are too few for one
  await refused({ asked: '12345678' }, 'INVALID_ARGUMENT'); // no suite of the platform
  await refused({ form: { kind: 'digits', length: 6 } }, 'INVALID_ARGUMENT');
  await refused({ device: undefined }, 'INVALID_ARGUMENT');
  await refused({ device: '000000000000' }, 'NOT_FOUND');
  await refused(stranger, 'NOT_FOUND');
  const { challenge } = await app.issueChallenge({ account, device: id });
  const deliver = { channel: 'mail', to: 'ada@acme.example' } as const;
  await expect(app.sendChallenge({ account, challenge, deliver })).rejects.toMatchObject({ code: 'CONFLICT' });
  await app.cancelChallenge({ account, challenge });
  const types = (await eventsOf(account)).map(({ type }) => type).filter((type) => type.startsWith('challenge'));
  expect(types).toEqual(Array.from({ length: 3 }, () => ['challenge_issued', 'challenge_cancelled']).flat());
});
