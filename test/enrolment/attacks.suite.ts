import { beforeAll, describe, expect, test } from '@jest/globals';
import { Failure, type Countersign } from '@countersign/caller';
import { MAX_DEVICES, type EventView, type FailureCode } from '@countersign/contracts';
import { beginExchange } from '@countersign/pairing';
import { activate, redeeming } from '../world/activation.js';
import { Device } from '../world/device.js';
import { deviceEnd, invitationOf, pair, proofOf } from '../world/pairing.js';
import { recoverySheetOf } from '../world/recovery.js';
import { rekeyOf } from '../world/rekey.js';
import { eventsOf } from './ledger.js';
import { PROFILE } from './methods/method.js';
import { app, audit, desk, gate, ops, world } from './shared-world.js';

const AT_ONCE = 6;
const TIMES = 3;
const PROOFS_A_MINUTE = 30;
const { point } = beginExchange();
const typesOf = async (account: string): Promise<string[]> => (await eventsOf(account)).map(({ type }) => type);
const identity = (): string => world.publicKeys.identity;
const confirming = ({ accountId: id, id: device }: Device, code: string) => ({ id, device, code });

/** What each was told: nothing when it succeeded. */
async function refusals(asked: Promise<unknown>[]): Promise<(FailureCode | undefined)[]> {
  const told = await Promise.allSettled(asked);
  return told.map((each) => {
    if (each.status === 'fulfilled') return undefined;
    if (each.reason instanceof Failure) return each.reason.code;
    throw each.reason;
  });
}

/** Everything that a device may say to one account, each message good where it belongs. */
async function messagesOf(owner: Device): Promise<Record<string, object>> {
  const { account, accountId: id, id: device } = owner;
  const shown = await desk.pairOpen({ account, ...PROFILE });
  const end = await deviceEnd(shown);
  const pending = await world.enrol(account, PROFILE);
  const { request: rekey, finish } = rekeyOf(owner, identity());
  const next = finish(await desk.beginRekey(rekey));
  const { at } = invitationOf(shown);
  return {
    pairShare: { at, id, ...end.request },
    pairConfirm: await proofOf(shown, end, desk),
    redeemActivation: redeeming((await desk.issueActivation({ account, ...PROFILE })).invitation).request,
    confirm: confirming(pending, pending.codeAt(0)),
    beginRekey: rekey,
    confirmRekey: { id, device, epoch: 2, code: next.codeAt(0) },
    attest: { id, device, challenge: Buffer.alloc(32, 1).toString('base64url') },
  };
}

describe('an attack with messages that are good elsewhere', () => {
  test('each message of a device, sent to each other verb of a gateway, is refused and writes nothing', async () => {
    const owner = await world.owner();
    const messages = await messagesOf(owner);
    const verbs = Object.keys(messages) as (keyof Countersign)[];
    const at = (messages['pairShare'] as { at: string }).at;
    const before = await typesOf(owner.account);
    for (const to of verbs) {
      const ask = gate[to] as (request: object) => Promise<unknown>;
      for (const [from, message] of Object.entries(messages)) {
        if (from === to) continue;
        const said = to.startsWith('pair') ? { ...message, at } : message;
        const told = { from, to, codes: await refusals([ask.call(gate, said)]) };
        expect(told).toEqual({ from, to, codes: ['INVALID_ARGUMENT'] });
      }
    }
    expect(await typesOf(owner.account)).toEqual(before);
  });

  test('the device of one account, named in another one, is not found by any verb, and goes on working', async () => {
    const [owner, victim] = [await world.owner(), await world.owner()];
    const { account, accountId: id } = owner;
    const before = [await typesOf(account), await typesOf(victim.account)];
    const device = victim.id;
    const replaces = { account, ...PROFILE, replaces: device };
    const sheet = await recoverySheetOf(world, desk, victim.account);
    const named = [
      desk.replace({ account, device, point }),
      desk.replace({ account: victim.account, device: sheet.reply.device, point }), // a sheet is no device
      desk.exchange({ ...replaces, point }),
      desk.pairOpen(replaces),
      desk.issueActivation(replaces),
      gate.confirm({ id, device, code: victim.codeAt(victim.next) }),
      gate.confirmRekey({ id, device, epoch: 2, code: victim.codeAt(victim.next) }),
      gate.beginRekey({ ...rekeyOf(victim, identity()).request, id }),
      gate.attest({ id, device, challenge: Buffer.alloc(32).toString('base64url') }),
      ops.disable({ account, device }),
      ops.enable({ account, device }),
      ops.revoke({ account, device }),
    ];
    expect(await refusals(named)).toEqual(named.map(() => 'NOT_FOUND'));
    const after = [await typesOf(account), await typesOf(victim.account)];
    expect(after).toEqual([before[0], [...before[1]!, 'recovery_issued']]);
    expect(await app.verify({ account: victim.account, code: victim.code() })).toMatchObject({ verdict: 'accepted' });
  });

  test('the key of a recovery sheet proves no re-key', async () => {
    const owner = await world.owner();
    const { reply, key } = await recoverySheetOf(world, desk, owner.account);
    const asDevice = new Device(owner.account, reply.account, reply.device, { ...PROFILE, digits: 6 }, key, 0);
    expect(await refusals([gate.beginRekey(rekeyOf(asDevice, identity()).request)])).toEqual(['NOT_FOUND']);
  });

  test('a re-key that is asked again, word for word, opens for its device alone, and takes nothing from it', async () => {
    const owner = await world.owner();
    const { request, finish } = rekeyOf(owner, identity());
    await gate.beginRekey(request);
    const again = await gate.beginRekey(request); // whoever saw it
    expect(() => rekeyOf(owner, identity()).finish(again)).toThrow();
    expect(await app.verify({ account: owner.account, code: owner.code() })).toMatchObject({ verdict: 'accepted' });
    const next = finish(again);
    await gate.confirmRekey({ ...confirming(next, next.code()), epoch: 2 });
    expect(await refusals([gate.beginRekey(request)])).toEqual(['NOT_FOUND']); // another epoch
    expect(await app.verify({ account: owner.account, code: next.code() })).toMatchObject({ verdict: 'accepted' });
  });
});

describe('an attack by gateway', () => {
  test('guesses at a device that waits share one budget, by whatever name the account is called', async () => {
    const owner = await world.owner();
    const { account, accountId: id } = owner;
    await app.verify({ account, code: owner.code(), origin: 'laptop' });
    const pending = await world.enrol(account, PROFILE);
    const code = pending.wrongCode();
    const guess = [{ account }, { id }, { account, origin: 'made-up' }, { id, origin: 'another' }, { id }];
    const left: unknown[] = [];
    for (const whose of guess) left.push((await gate.confirm({ ...whose, device: pending.id, code })).attemptsLeft);
    expect(left).toEqual([4, 3, 2, 1, 0]);
    for (const whose of [{ account }, { id }])
      expect(await gate.confirm({ ...whose, device: pending.id, code: pending.codeAt(0) })).toMatchObject({
        reason: 'locked',
      });
    expect(await app.verify({ account, code: owner.code(), origin: 'laptop' })).toMatchObject({ verdict: 'accepted' });
  });

  test('guesses at once, by id and by name, are not more', async () => {
    const { account, accountId: id } = await world.owner();
    const pending = await world.enrol(account, PROFILE);
    const code = pending.wrongCode();
    const asked = Array.from({ length: 2 * AT_ONCE }, (_, at) =>
      gate.confirm({ ...(at % 2 ? { id } : { account }), device: pending.id, code }).catch(() => undefined),
    );
    const told = await Promise.all(asked);
    expect(told.filter((each) => each?.reason === 'wrong_code').length).toBeLessThanOrEqual(5);
    expect((await eventsOf(account)).filter(({ type }) => type === 'rejected').length).toBeLessThanOrEqual(5);
  });

  test('guesses at a next key need one that waits, and cost the budget of strangers only', async () => {
    const owner = await world.owner();
    const { account, accountId: id, id: device } = owner;
    await app.verify({ account, code: owner.code(), origin: 'laptop' });
    const guess = { id, device, epoch: 2, code: owner.wrongCode() };
    const before = await typesOf(account);
    expect(await refusals([gate.confirmRekey(guess)])).toEqual(['NOT_FOUND']);
    expect(await typesOf(account)).toEqual(before);
    const { request, finish } = rekeyOf(owner, identity());
    const next = finish(await gate.beginRekey(request));
    const code = next.wrongCode();
    for (const attemptsLeft of [4, 3, 2, 1, 0])
      expect(await gate.confirmRekey({ ...guess, code })).toMatchObject({ reason: 'wrong_code', attemptsLeft });
    expect(await gate.confirmRekey({ ...guess, code: next.codeAt(0) })).toMatchObject({ reason: 'locked' });
    expect(await app.verify({ account, code: owner.code(), origin: 'laptop' })).toMatchObject({ verdict: 'accepted' });
  });

  test('wrong proofs without end write nothing, and keep nobody from signing in', async () => {
    const owner = await world.owner();
    const { request } = rekeyOf(owner, identity());
    const proof = rekeyOf(owner, identity(), 5).request.proof; // by the right key, for another epoch
    const before = await typesOf(owner.account);
    const codes = new Set<unknown>();
    for (let wrong = 0; wrong <= PROOFS_A_MINUTE; wrong += 1)
      codes.add((await refusals([gate.beginRekey({ ...request, proof }, { timeoutMs: 300 })]))[0]);
    expect([...codes]).toEqual(['NOT_FOUND', 'UNAVAILABLE']);
    expect(await app.verify({ account: owner.account, code: owner.code() })).toMatchObject({ verdict: 'accepted' });
    expect((await typesOf(owner.account)).slice(before.length)).toEqual(['accepted']);
  });

  test('a name that nobody has looks as one that somebody has', async () => {
    const owner = await world.owner();
    const asked = (account: string) => gate.confirm({ account, device: '0'.repeat(12), code: '123456' });
    const words = await Promise.allSettled([asked(owner.account), asked(`${owner.account}-not`)]);
    const [real, nobody] = words.map((each) => (each as PromiseRejectedResult).reason as Failure);
    expect(nobody!.body()).toEqual(real!.body());
  });
});

describe('an attack at the moment', () => {
  test('at which a first code is confirmed: a second use of the token ends the device all the same', async () => {
    const [deskOf, gateOf] = [await world.caller('desk', 'beta'), await world.caller('gate', 'beta')];
    for (let time = 0; time < TIMES; time += 1) {
      const { name: account } = await world.account(undefined, 'beta');
      const { invitation } = await deskOf.issueActivation({ account, ...PROFILE });
      const device = await activate(invitation, gateOf, account);
      const { request } = redeeming(invitation);
      const [, reused] = await refusals([
        gateOf.confirm(confirming(device, device.code())),
        gateOf.redeemActivation(request),
      ]);
      expect(reused).toBe('NOT_FOUND');
      const { devices } = await deskOf.devices({ account });
      expect(devices.map(({ status }) => status).join()).toMatch(/^(revoked|disabled)$/);
    }
  });

  test('at which a re-key is confirmed many times: once', async () => {
    const owner = await world.owner();
    const { request, finish } = rekeyOf(owner, identity());
    const next = finish(await gate.beginRekey(request));
    const code = next.code();
    const asked = Array.from({ length: AT_ONCE }, () => gate.confirmRekey({ ...confirming(next, code), epoch: 2 }));
    const told = await Promise.allSettled(asked);
    const accepted = told.filter((each) => each.status === 'fulfilled' && each.value.verdict === 'accepted');
    expect(accepted).toHaveLength(1);
    expect((await typesOf(owner.account)).filter((type) => type === 'rekeyed')).toHaveLength(1);
  });

  test('at which a device is replaced and re-keyed: the successor is confirmed, and neither key of the old one works', async () => {
    const lost = await world.owner();
    const { request, finish } = rekeyOf(lost, identity());
    const next = finish(await gate.beginRekey(request));
    const exchange = beginExchange();
    const answer = await desk.replace({ account: lost.account, device: lost.id, point: exchange.point });
    const asked = { tenant: 'acme', profile: { ...lost.profile, counter: 0 } };
    const key = Buffer.from(exchange.finish(answer, identity(), asked).reveal());
    const successor = new Device(lost.account, lost.accountId, answer.device, answer.profile, key, 0);
    await Promise.allSettled([
      gate.confirm(confirming(successor, successor.code())),
      gate.confirmRekey({ ...confirming(next, next.code()), epoch: 2 }),
    ]);
    const { devices } = await desk.devices({ account: lost.account });
    expect(devices.map(({ device, status }) => [device, status])).toEqual([
      [successor.id, 'active'],
      [lost.id, 'revoked'],
    ]);
    for (const { code, accepted } of [
      { code: lost.code(), accepted: false },
      { code: next.code(), accepted: false },
      { code: successor.code(), accepted: true },
    ])
      expect((await app.verify({ account: lost.account, code })).verdict).toBe(accepted ? 'accepted' : 'rejected');
  });

  test('at which an account is full: no more devices than may be, and no token is spent for nothing', async () => {
    const { name: account } = await world.account();
    const { invitation } = await desk.issueActivation({ account, ...PROFILE });
    for (let device = 1; device < MAX_DEVICES; device += 1) await world.enrol(account, PROFILE);
    const told = await refusals(
      Array.from({ length: AT_ONCE }, () => desk.exchange({ account, ...PROFILE, point: beginExchange().point })),
    );
    expect(told.filter((code) => code === undefined)).toHaveLength(1);
    expect(new Set(told)).toEqual(new Set([undefined, 'LIMIT']));
    expect(await refusals([gate.redeemActivation(redeeming(invitation).request)])).toEqual(['LIMIT']);
    const { devices } = await desk.devices({ account });
    expect(devices).toHaveLength(MAX_DEVICES);
    await ops.revoke({ account, device: devices[0]!.device });
    expect(await activate(invitation, gate, account)).toMatchObject({ profile: PROFILE });
  });
});

describe('an attack on an account that is erased', () => {
  let tell: (account: string) => Promise<EventView[]>;
  beforeAll(() => {
    tell = async (id) => {
      const events: EventView[] = [];
      for (let [after, more] = [0, true]; more;) {
        const page = await audit.events({ after });
        events.push(...page.events.filter((event) => event.account === id));
        [after, more] = [page.next, page.more];
      }
      return events;
    };
  });

  test('whatever was begun before, and at the moment: nothing comes of it, and nothing is the last thing ever', async () => {
    const owner = await world.owner();
    const { account, accountId: id } = owner;
    const shown = await desk.pairOpen({ account, ...PROFILE });
    const { invitation } = await desk.issueActivation({ account, ...PROFILE });
    const pending = await world.enrol(account, PROFILE);
    const { request, finish } = rekeyOf(owner, identity());
    const next = finish(await desk.beginRekey(request));
    const begun = () => [
      pair(shown, gate, account),
      activate(invitation, gate, account),
      gate.confirm(confirming(pending, pending.codeAt(0))),
      gate.confirmRekey({ ...confirming(next, next.codeAt(0)), epoch: 2 }),
      gate.beginRekey(request),
    ];
    const more = () => [
      ...Array.from({ length: AT_ONCE }, () => desk.issueActivation({ account, ...PROFILE })),
      desk.pairOpen({ account, ...PROFILE }),
      desk.exchange({ account, ...PROFILE, point: beginExchange().point }),
      desk.replace({ account, device: owner.id, point }),
      desk.issueRecovery({ account, point }),
      ops.unlock({ account }),
    ];
    const during = Promise.allSettled([...begun(), ...more()]);
    await ops.erase({ account });
    await during;
    const after = await Promise.allSettled([...begun(), ...more()]);
    expect(after.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    expect((await tell(id)).at(-1)).toMatchObject({ type: 'erased' });
    for (const device of [owner, next, pending])
      expect((await app.verify({ account, code: device.code() })).verdict).toBe('rejected');
  });
});
