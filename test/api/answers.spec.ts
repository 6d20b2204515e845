import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { METHODS, type Countersign, type MethodName } from '@countersign/caller';
import { callerSubject, parseCaller, verbs, type EventView, type FailureCode, type Verb } from '@countersign/contracts';
import { redeeming } from '../world/activation.js';
import { importBatch } from '../world/import-batch.js';
import { pair } from '../world/pairing.js';
import { rawClient } from '../world/raw-client.js';
import { recoverySheetOf } from '../world/recovery.js';
import { sheetOf } from '../world/sheets.js';
import { issuerOf } from '../world/recipient.js';
import { attestedEpoch, rekeyOf } from '../world/rekey.js';
import { World } from '../world/world.js';
import { eventComplaints, failureComplaints, published, replyComplaints, requestComplaints } from './published.js';

const NEEDS_DELIVERY: Verb[] = ['challenge.send'];

/** A world in which every request and every reply is held against the published document. */
describe('what is really said on the bus is what docs/api says', () => {
  let world: World;
  const answered = new Set<Verb>();
  const complaints: string[] = [];

  beforeAll(async () => {
    world = await World.start();
    const plain = world.caller.bind(world);
    world.caller = async (...who) => checked(await plain(...who));
  });
  afterAll(() => world.stop());

  function checked(caller: Countersign): Countersign {
    const methods = (Object.keys(METHODS) as MethodName[]).map((name) => {
      const { verb } = METHODS[name];
      const call = async (request: object, options?: object): Promise<unknown> => {
        const { at: _inTheSubject, ...said } = request as { at?: string };
        note(verb, 'request', requestComplaints(verb)(JSON.parse(JSON.stringify(said))));
        const reply: unknown = await (caller[name] as (...all: unknown[]) => Promise<unknown>)(request, options);
        note(verb, 'reply', replyComplaints(verb)(reply));
        answered.add(verb);
        return reply;
      };
      return [name, call];
    });
    return { ...caller, ...Object.fromEntries(methods) } as Countersign;
  }

  const note = (verb: Verb, what: string, found: string[]): void => {
    complaints.push(...found.map((complaint) => `${verb} ${what}: ${complaint}`));
  };

  test('the life of an account: every verb, every kind of verdict', async () => {
    const [app, desk, ops] = await Promise.all([world.caller('app'), world.caller('desk'), world.caller('ops')]);
    const device = await world.owner({ type: 'totp' });
    const { account } = device;
    const code = device.code();
    const attempt = { account, code, requestId: 'r1', origin: 'cookie' };
    expect(await app.verify(attempt)).toMatchObject({ verdict: 'accepted' });
    expect(await app.verify(attempt)).toMatchObject({ verdict: 'accepted', repeated: true });
    expect(await app.verify({ account, code, device: device.id })).toMatchObject({ reason: 'replayed' });
    for (let wrong = 0; wrong < 6; wrong += 1) await app.verify({ account, code: device.wrongCode() });
    expect(await app.verify({ account, code: device.wrongCode() })).toMatchObject({ reason: 'locked' });
    expect(await ops.account({ account })).toMatchObject({ budgets: { unknown: { closedUntil: expect.any(Number) } } });
    await ops.unlock({ account });
    await ops.setPolicy({ version: (await ops.policy({})).version, minDigits: 6 });
    await ops.policyHistory({});
    await desk.names({ account, add: [`${account}-too`] });

    await ops.disable({ account, device: device.id });
    expect(await app.verify({ account, code: device.wrongCode() })).toMatchObject({ reason: 'disabled' });
    await ops.enable({ account, device: device.id });
    await world.enrol(account, { type: 'hotp', namedOnly: true });
    await world.importSeed(account, Buffer.alloc(20, 7), { type: 'hotp', digits: 8 });
    const token = await world.importSeed(account, Buffer.alloc(20, 8), { type: 'hotp' });
    const [code20, code21] = [token.codeAt(20), token.codeAt(21)];
    const resync = { account, device: token.id, code: code20, nextCode: code21 };
    expect(await app.resync(resync)).toMatchObject({ verdict: 'accepted' });
    await ops.revoke({ account, device: device.id });
    expect((await desk.devices({ account })).devices).toHaveLength(4);
    const { request } = redeeming((await desk.issueActivation({ account, type: 'totp' })).invitation);
    await desk.redeemActivation(request);
    await expect(desk.redeemActivation(request)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const wanted = { account, device: 'zzzzzzzzzzzz' };
    const { devices } = await ops.beginImport({ devices: [wanted, { account, device: token.id }] });
    expect(devices.map(({ kind }) => kind)).toEqual(['new', 'there']);
    const seed = { id: device.accountId, device: wanted.device, epoch: 1, seed: Buffer.alloc(20, 9) };
    const batched = await importBatch(ops, world.publicKeys.identity, [{ ...seed, spoilt: true }, seed, seed]);
    expect(batched.map(({ kind }) => kind)).toEqual(['failed', 'imported', 'there']);
    await pair(await desk.pairOpen({ account, type: 'totp' }), desk, account);
    const sheet = await recoverySheetOf(world, desk, account);
    expect(await app.recover({ account, code: sheet.codes[0] as string })).toMatchObject({ verdict: 'accepted' });
    const offline = await sheetOf(world, desk, account);
    expect(await app.verifySheet({ account, code: offline.codes[0] as string })).toMatchObject({ verdict: 'accepted' });
    const issue = await issuerOf(world, 'app');
    const letters = await issue({
      account,
      form: { kind: 'letters', length: 6 },
      transaction: { amount: '1' },
      cell: 'u4p',
    });
    const { challenge } = await issue({ account, purpose: 'sign-in', requestId: 'q', notAfter: letters.expiresAt });
    expect(await app.verifyChallenge({ account, challenge, code: '000000' })).toMatchObject({ triesLeft: 2 });
    const proof = { code: letters.code, transaction: { amount: '1' }, cell: 'u4pru' };
    expect(await app.verifyChallenge({ account, challenge: letters.challenge, ...proof })).toMatchObject({
      verdict: 'accepted',
    });
    await app.cancelChallenge({ account, challenge });
    const first = await world.owner();
    const { identity } = world.publicKeys;
    const { request: begin, finish } = rekeyOf(first, identity);
    const next = finish(await desk.beginRekey(begin));
    await desk.confirmRekey({ id: next.accountId, device: next.id, epoch: 2, code: next.code() });
    expect(await attestedEpoch(desk, first, identity)).toBe(2);
    const lost = { account: first.account, device: first.id };
    await desk.replace({ ...lost, point: begin.point });
    await ops.erase({ account: first.account });
    await app.verify({ account: 'nobody-has-this-name', code: '000000' });
    const audit = await world.caller('audit');
    const { sequence } = (await audit.events({ account })).events[0]!;
    await audit.receipt({ sequence });
    await audit.entries({ sequence, count: 3 });
    await audit.proof({ sequence });
    await audit.checkpoint({});

    expect(complaints).toEqual([]);
    expect([...answered, ...NEEDS_DELIVERY].sort()).toEqual([...verbs].sort());
  });

  test('every event of the history', async () => {
    const audit = await world.caller('audit');
    const events: EventView[] = [];
    for (let after = 0, more = true; more;) {
      const page = await audit.events({ after });
      events.push(...page.events);
      ({ next: after, more } = page);
    }
    for (const event of events)
      expect({ event, complaints: eventComplaints(event) }).toEqual({ event, complaints: [] });
    const known = Object.values(published['events.schema.json'].$defs).map(
      ({ properties }) => properties?.['type']?.const as EventView['type'] | undefined,
    );
    const NOT_HERE = [
      'challenge_sending',
      'challenge_sent',
      'challenge_undelivered',
      'frozen',
      'unreadable',
      undefined,
    ]; // services/audit/src/events/event-view.spec.ts has these
    const missing = known.filter((type) => !NOT_HERE.includes(type) && !events.some((event) => event.type === type));
    expect(missing).toEqual([]);
  });

  test('and audit, which folds all of it again, doubts nothing', async () => {
    const audit = await world.caller('audit');
    let last: EventView | undefined;
    for (let after = 0, more = true; more;) {
      const page = await audit.events({ after });
      last = page.events.at(-1) ?? last;
      ({ next: after, more } = page);
    }
    await expect(audit.receipt({ sequence: last?.sequence ?? 0 })).resolves.toBeDefined();
    const log = readFileSync(world.platform.folder.log('audit-1'), 'utf8');
    expect(log.split('\n').filter((line) => line.includes('ALARM'))).toEqual([]);
  });

  const failures: [FailureCode, string, Verb, object][] = [
    ['INVALID_ARGUMENT', 'app', 'verify', { account: '', code: 'x', more: 1 }],
    ['NOT_FOUND', 'desk', 'device.list', { account: 'nobody-has-this-name' }],
    ['CONFLICT', 'desk', 'account.create', { names: ['taken'] }],
    ['LIMIT', 'desk', 'account.names', { account: 'taken', remove: ['taken'] }],
  ];
  test.each(failures)('a failure %s: body and headers', async (code, caller, verb, message) => {
    if (code === 'CONFLICT') await world.account('taken');
    const client = await rawClient(caller, world.platform.callerCredentials('acme', caller));
    const reply = await client.request(callerSubject(parseCaller(caller), verb), JSON.stringify(message));
    await client.close();
    const headers = Object.fromEntries((reply.headers?.keys() ?? []).map((key) => [key, reply.headers?.get(key)]));
    expect(failureComplaints(code)({ headers, payload: reply.json() })).toEqual([]);
  });

  test('a field that nobody published would be found', () => {
    const good = { verdict: 'accepted', sequence: 1, at: 2 };
    expect(replyComplaints('verify')(good)).toEqual([]);
    expect(replyComplaints('verify')({ ...good, mood: 'fine' })).toEqual([expect.stringContaining('mood')]);
    expect(replyComplaints('verify')({ ...good, at: 'now' })).toEqual([expect.stringContaining('/at')]);
    expect(eventComplaints({ type: 'created', sequence: 1 })).not.toEqual([]);
  });
});
