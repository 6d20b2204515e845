import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Countersign } from '@countersign/caller';
import type { Device } from '../world/device.js';
import { recoverySheetOf, type Sheet } from '../world/recovery.js';
import { eventsOf } from './ledger.js';
import { app, audit, desk, gate, ops, world } from './shared-world.js';

const AT_ONCE = 5;

let owner: Device;
let account: string;
let sheet: Sheet;
let recover: (code: string | undefined, rest?: object) => ReturnType<Countersign['recover']>;

beforeAll(() => {
  recover = (code = '', rest = {}) => app.recover({ account, code, ...rest });
});

async function withSheet(): Promise<void> {
  owner = await world.owner({ type: 'hotp' });
  ({ account } = owner);
  sheet = await recoverySheetOf(world, desk, account);
}
const typesOf = async (): Promise<string[]> => (await eventsOf(account)).map(({ type }) => type);
const sheetIn = async () =>
  (await desk.devices({ account })).devices.find(({ device }) => device === sheet.reply.device);

describe('a sheet of recovery codes', () => {
  beforeAll(withSheet);

  test('opens the account once with each code, however it is typed; then it is a replay', async () => {
    const [first = '', second = '', third] = sheet.codes;
    const { device } = sheet.reply;
    expect(await recover(first, { requestId: 'r1' })).toMatchObject({ verdict: 'accepted', device });
    expect(await recover(` ${first.toUpperCase()} `, { requestId: 'r1' })).toMatchObject({ repeated: true, device });
    expect(await recover(first)).toMatchObject({ verdict: 'rejected', reason: 'replayed', device });
    const typed = second.replace('-', '').replaceAll('0', 'O').replaceAll('1', 'l');
    expect(await recover(typed)).toMatchObject({ verdict: 'accepted', device });
    const all = await Promise.all(Array.from({ length: AT_ONCE }, () => recover(third).catch(() => undefined)));
    expect(all.filter((each) => each?.verdict === 'accepted')).toHaveLength(1);
    expect(await sheetIn()).toMatchObject({ status: 'active', codesLeft: 7, profile: { type: 'recovery' } });
  });

  test('is looked at by `recover` alone, which looks at nothing else', async () => {
    const own = owner.code();
    expect(await app.verify({ account, code: own })).toMatchObject({ verdict: 'accepted' });
    const { device } = sheet.reply;
    expect(await app.verify({ account, device, code: '123456' })).toMatchObject({ reason: 'disabled' });
    await expect(recover('123456')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', fields: [{ field: 'code' }] });
    await expect(desk.confirm({ account, device, code: '123456' })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('ends when another one is made, in the same event', async () => {
    const [, , , , fifth] = sheet.codes;
    const former = sheet.reply.device;
    const next = await recoverySheetOf(world, desk, account);
    expect((await eventsOf(account)).at(-1)).toMatchObject({
      ...{ type: 'recovery_issued', device: next.reply.device, replaced: former, status: 'active' },
    });
    expect(await sheetIn()).toMatchObject({ status: 'revoked' });
    expect(await recover(fifth)).toMatchObject({ verdict: 'rejected', reason: 'wrong_code' });
    expect(await recover(next.codes[4])).toMatchObject({ verdict: 'accepted', device: next.reply.device });
    sheet = next;
  });

  test('that an operator disables, enables or revokes counts accordingly', async () => {
    const { device } = sheet.reply;
    await ops.disable({ account, device });
    expect(await recover(sheet.codes[5])).toMatchObject({ reason: 'disabled' });
    await ops.enable({ account, device });
    expect(await recover(sheet.codes[5])).toMatchObject({ verdict: 'accepted' });
    await ops.revoke({ account, device });
    expect(await recover(sheet.codes[6])).toMatchObject({ reason: 'disabled' });
  });

  test('is for nobody but a desk and a verifier of its tenant', async () => {
    const beta = await world.caller('app', 'beta');
    expect(await beta.recover({ account, code: sheet.codes[7] as string })).toMatchObject({ reason: 'wrong_code' });
    const { point } = sheet.reply;
    await expect(gate.issueRecovery({ account, point }, { timeoutMs: 300 })).rejects.toThrow();
    await expect(audit.recover({ account, code: sheet.codes[7] as string }, { timeoutMs: 300 })).rejects.toThrow();
  });
});

describe('guesses at recovery codes', () => {
  beforeAll(withSheet);

  test('spend the account`s budget, and a right one clears none', async () => {
    const wrong = (at: number): string => `00000-0000${at}`;
    expect(await recover(wrong(0))).toMatchObject({ reason: 'wrong_code', attemptsLeft: 4 });
    expect(await app.verify({ account, code: owner.wrongCode() })).toMatchObject({ attemptsLeft: 3 });
    expect(await recover(sheet.codes[0], { origin: 'laptop' })).toMatchObject({ verdict: 'accepted' });
    expect(await recover(wrong(1), { origin: 'laptop' })).toMatchObject({ reason: 'wrong_code', attemptsLeft: 2 });
    for (const at of [2, 3]) await recover(wrong(at));
    expect(await recover(sheet.codes[1])).toMatchObject({ reason: 'locked' });
    expect(await app.verify({ account, code: owner.code() })).toMatchObject({ reason: 'locked' });
    expect((await typesOf()).filter((type) => type === 'rejected')).toHaveLength(5);
    await ops.unlock({ account });
    expect(await recover(sheet.codes[1])).toMatchObject({ verdict: 'accepted' });
  });

  test('at a name that nobody has look the same', async () => {
    const nobody = () => app.recover({ account: `${account}-not`, code: sheet.codes[3] as string });
    const { sequence: _one, at: _then, ...real } = await recover('zzzzz-zzzzz');
    const { sequence: _other, at: _later, ...shadow } = await nobody();
    expect(shadow).toEqual(real);
    for (let left = 3; left > 0; left -= 1) await nobody();
    expect(await nobody()).toMatchObject({ reason: 'wrong_code', attemptsLeft: 0 });
    expect(await nobody()).toMatchObject({ reason: 'locked' });
  });
});
