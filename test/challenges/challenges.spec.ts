import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openCode, makeRecipient, RecipientKey, type Countersign } from '@countersign/caller';
import { addCaller } from '@countersign/local';
import { sleep } from '@countersign/runtime';
import { issuerOf } from '../world/recipient.js';
import { World } from '../world/world.js';

const AT_ONCE = 20;
const PAYMENT = { payee: 'Charles', amount: '12.50', currency: 'EUR' };
const LETTERS = /^[BCDFGHJKLMNPQRSTVWXZ]{8}$/;

let world: World;
let app: Countersign;
let till: Countersign;
let audit: Countersign;
let issue: Awaited<ReturnType<typeof issuerOf>>;

beforeAll(async () => {
  world = await World.start({ replicas: { verification: 2 } });
  await addCaller(world.platform.folder, 'acme', 'till', 'verifier');
  [app, till, audit] = await Promise.all([world.caller('app'), world.caller('till'), world.caller('audit')]);
  issue = await issuerOf(world, 'app');
}, 120_000);
afterAll(() => world.stop());

const person = async (): Promise<string> => (await world.account()).name;
const another = (code: string): string => String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0');
const reasonsOf = async (account: string): Promise<unknown[]> => {
  const { events } = await audit.events({ account });
  return events.flatMap((event) => (event.type === 'challenge_rejected' ? [event.reason] : []));
};

describe('a code for one purpose', () => {
  test('is what its form says, is read by its caller alone, and opens once', async () => {
    const account = await person();
    const digits = await issue({ account, purpose: 'sign-in' });
    expect(digits.code).toMatch(/^[0-9]{6}$/);
    const letters = await issue({ account, form: { kind: 'letters', length: 8 } });
    expect(letters.code).toMatch(LETTERS);
    const thief = await RecipientKey.read((await makeRecipient('acme/app')).privateText);
    await expect(openCode(thief, { challenge: digits.challenge, code: digits.sealed! })).rejects.toThrow(
      /not sealed to/,
    );

    const { challenge, code } = letters;
    expect(await app.verifyChallenge({ account, challenge, code: code.toLowerCase() })).toMatchObject({
      verdict: 'accepted',
    });
    const again = await app.verifyChallenge({ account, challenge, code });
    expect(again).toMatchObject({ verdict: 'rejected', reason: 'wrong_code', triesLeft: 0 });
    expect(await app.verifyChallenge({ account, challenge: digits.challenge, code: digits.code })).toMatchObject({
      ...{ verdict: 'rejected', triesLeft: 2 },
    });
    expect(await reasonsOf(account)).toEqual(['not_open', 'purpose']);
    const right = { account, challenge: digits.challenge, code: digits.code, purpose: 'sign-in' };
    expect(await app.verifyChallenge(right)).toMatchObject({ verdict: 'accepted' });
  });

  test('typed many times at once, at two replicas, is accepted once', async () => {
    const account = await person();
    const { challenge, code } = await issue({ account });
    const asked = Array.from({ length: AT_ONCE }, () =>
      app.verifyChallenge({ account, challenge, code }).then(
        ({ verdict }) => verdict,
        (error: { code: string }) => error.code,
      ),
    );
    expect((await Promise.all(asked)).filter((told) => told === 'accepted')).toHaveLength(1);
    const { events } = await audit.events({ account });
    expect(events.filter(({ type }) => type === 'challenge_accepted')).toHaveLength(1);
  });

  test('is the same when it is asked for again, and its verdict, too', async () => {
    const account = await person();
    const first = await issue({ account, requestId: 'order-7' });
    const second = await issue({ account, requestId: 'order-7' });
    expect(second).toMatchObject({ challenge: first.challenge, code: first.code, repeated: true });
    expect((await issue({ account, requestId: 'order-7', purpose: 'another' })).challenge).not.toBe(first.challenge);
    const asked = { account, challenge: first.challenge, code: first.code, requestId: 'try-1' };
    const told = await app.verifyChallenge(asked);
    expect(await app.verifyChallenge(asked)).toEqual({ ...told, repeated: true });
  });
});

describe('what a thief tries', () => {
  test("another tenant's callers are told what they are told of a challenge that does not exist", async () => {
    const account = await person();
    await world.account(account, 'beta');
    const { challenge, code } = await issue({ account });
    const thief = await world.caller('app', 'beta');
    const found = await thief.verifyChallenge({ account, challenge, code });
    const missing = await thief.verifyChallenge({ account, challenge: '0'.repeat(16), code });
    const { sequence: _one, at: _at, attemptsLeft: _left, ...shape } = found;
    expect(missing).toMatchObject({ ...shape, attemptsLeft: 3 });
    expect(await app.verifyChallenge({ account, challenge, code })).toMatchObject({ verdict: 'accepted' });
  });

  test('another caller of the tenant has to be named; else it spends no try, cancels and sends nothing', async () => {
    const account = await person();
    const mine = await issue({ account });
    const ours = await issue({ account, verifiers: ['till'] });
    const { challenge, code } = mine;
    expect(await till.verifyChallenge({ account, challenge, code })).toMatchObject({
      verdict: 'rejected',
      triesLeft: 0,
    });
    await expect(till.cancelChallenge({ account, challenge })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const deliver = { channel: 'mail', to: 'thief@example.com' } as const;
    await expect(till.sendChallenge({ account, challenge, deliver })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await app.verifyChallenge({ account, challenge, code })).toMatchObject({ verdict: 'accepted' });
    expect(await till.verifyChallenge({ account, challenge: ours.challenge, code: ours.code })).toMatchObject({
      verdict: 'accepted',
    });
    expect(await reasonsOf(account)).toEqual(['caller']);
  });

  test('a changed amount is rejected, however the JSON is written', async () => {
    const account = await person();
    const { challenge, code } = await issue({ account, purpose: 'payment', transaction: PAYMENT });
    const pay = (transaction: object) =>
      app.verifyChallenge({ account, challenge, code, purpose: 'payment', transaction });
    expect(await pay({ ...PAYMENT, amount: '1250.00' })).toMatchObject({ verdict: 'rejected' });
    expect(await pay({ ...PAYMENT, note: '' })).toMatchObject({ verdict: 'rejected' });
    const { payee, ...others } = PAYMENT;
    expect(await pay({ ...others, payee })).toMatchObject({ verdict: 'accepted' });
    expect(await reasonsOf(account)).toEqual(['transaction', 'transaction']);
  });

  test('after it was cancelled, and after its time, it is not accepted', async () => {
    const account = await person();
    const cancelled = await issue({ account });
    await app.cancelChallenge({ account, challenge: cancelled.challenge });
    const short = await issue({ account, notAfter: Date.now() + 1500 });
    expect(await app.verifyChallenge({ account, challenge: cancelled.challenge, code: cancelled.code })).toMatchObject({
      verdict: 'rejected',
    });
    await sleep(Math.max(0, short.expiresAt - Date.now()) + 50);
    expect(await app.verifyChallenge({ account, challenge: short.challenge, code: short.code })).toMatchObject({
      verdict: 'rejected',
    });
    expect(await reasonsOf(account)).toEqual(['not_open', 'expired']);
  });

  test('guessing over many challenges of one account closes its budget; issuing more does not open it', async () => {
    const account = await person();
    const open = [];
    for (let each = 0; each < 8; each += 1) open.push(await issue({ account }));
    await expect(issue({ account })).rejects.toMatchObject({ code: 'LIMIT' });
    for (const { challenge, code } of open.slice(0, 5))
      expect(await app.verifyChallenge({ account, challenge, code: another(code) })).toMatchObject({
        reason: 'wrong_code',
      });
    const [last] = open.slice(-1);
    const { challenge, code } = last!;
    expect(await app.verifyChallenge({ account, challenge, code })).toMatchObject({ reason: 'locked' });
    await app.cancelChallenge({ account, challenge: open[0]!.challenge });
    const fresh = await issue({ account });
    expect(await app.verifyChallenge({ account, challenge: fresh.challenge, code: fresh.code })).toMatchObject({
      reason: 'locked',
    });
    const { events } = await audit.events({ account });
    expect(events.filter(({ type }) => type === 'challenge_accepted')).toEqual([]);
  });

  test('Redis emptied in between changes nothing', async () => {
    const account = await person();
    const { challenge, code } = await issue({ account });
    await world.platform.askRedis(['FLUSHALL']);
    expect(await app.verifyChallenge({ account, challenge, code })).toMatchObject({ verdict: 'accepted' });
    await world.platform.askRedis(['FLUSHALL']);
    expect(await app.verifyChallenge({ account, challenge, code })).toMatchObject({ verdict: 'rejected' });
  });

  test('a name that nobody has gets a challenge like any other, whose code opens nothing', async () => {
    const [account, stranger] = [await person(), 'nobody-has-this-name'];
    const [mine, nobodys] = [await issue({ account }), await issue({ account: stranger })];
    expect(Object.keys(nobodys)).toEqual(Object.keys(mine));
    expect(nobodys.code).toMatch(/^[0-9]{6}$/);
    const { challenge, code } = nobodys;
    const told = await app.verifyChallenge({ account: stranger, challenge, code });
    const wrong = await app.verifyChallenge({ account, challenge: mine.challenge, code: another(mine.code) });
    expect({ ...told, sequence: 0, at: 0 }).toEqual({ ...wrong, sequence: 0, at: 0 });
    await app.cancelChallenge({ account: stranger, challenge });
    await expect(app.cancelChallenge({ account: stranger, challenge })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('who has no key pinned is sealed nothing, and nothing stays open', async () => {
    const account = await person();
    await expect(till.issueChallenge({ account, sealTo: 'caller' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const { events } = await audit.events({ account });
    expect(events.map(({ type }) => type)).toEqual(['created', 'challenge_issued', 'challenge_cancelled']);
  });
});

test('where a person has to be, and in which network, is looked at; the verdict says why if the tenant wants it', async () => {
  const ops = await world.caller('ops');
  await ops.setPolicy({ version: (await ops.policy({})).version, challengeReasons: 'tell' });
  await sleep(5000); // until it is in force
  const account = await person();
  const { challenge, code } = await issue({ account, networks: ['192.0.2.0/24'], cell: 'u4pru' });
  const ask = (where: object) => app.verifyChallenge({ account, challenge, code, ...where });
  expect(await ask({ address: '198.51.100.1', cell: 'u4pruydqqvj' })).toMatchObject({ why: 'network' });
  expect(await ask({ address: '192.0.2.7' })).toMatchObject({ why: 'place' });
  expect(await ask({ address: '192.0.2.7', cell: 'u4pruydqqvj' })).toMatchObject({ verdict: 'accepted' });
  await expect(ask({ address: '010.0.0.1' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});
