import { beforeAll, describe, expect, test } from '@jest/globals';
import { Failure, type Countersign } from '@countersign/caller';
import { sleep } from '@countersign/runtime';
import type { Device } from '../world/device.js';
import { recoverySheetOf, type Sheet } from '../world/recovery.js';
import { rekeyOf } from '../world/rekey.js';
import { eventsOf } from './ledger.js';
import { METHODS } from './methods/index.js';
import type { Begun, Method } from './methods/method.js';
import { allLater, app, desk, world } from './shared-world.js';

const LATER_MS = 16 * 60_000; // a session lasts 2 minutes here, a token 10, and whatever waits for a first code 15
const AGAIN_MS = 200;

/** Asks until the services have measured their clocks anew, which takes them 5 s: they decide nothing before. */
async function served<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'UNAVAILABLE')) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

/** Quarter of an hour later. The last suite of its platform, for which there is no way back. */
describe('out of time', () => {
  interface Left {
    account: string;
    begun: Begun;
    /** of another account, whose first code nobody confirmed */
    unconfirmed: Device;
  }
  const left = new Map<Method, Left>();
  let owner: Device;
  let next: Device;
  let sheet: Sheet;
  const relayOf = (method: Method): Promise<Countersign> => world.caller(method.relay);
  const typesOf = async (account: string): Promise<string[]> => (await eventsOf(account)).map(({ type }) => type);

  beforeAll(async () => {
    for (const method of METHODS) {
      const [{ name: account }, { name: other }] = [await world.account(), await world.account()];
      const unconfirmed = await (await method.begin(other)).finish(await relayOf(method));
      left.set(method, { account, begun: await method.begin(account), unconfirmed });
    }
    owner = await world.owner();
    const { request, finish } = rekeyOf(owner, world.publicKeys.identity);
    next = finish(await desk.beginRekey(request));
    sheet = await recoverySheetOf(world, desk, owner.account);
    allLater(LATER_MS);
  });

  test.each(METHODS)('$name: nothing comes of what was begun, and nothing is written', async (method) => {
    const { account, begun } = left.get(method) as Left;
    if (begun.once === undefined) return;
    const before = await typesOf(account);
    const relay = await relayOf(method);
    await expect(served(() => begun.finish(relay))).rejects.toMatchObject({ code: begun.once.refused });
    expect(await typesOf(account)).toEqual(before);
    expect((await served(() => desk.devices({ account }))).devices).toEqual([]);
  });

  test.each(METHODS)('$name: a device that nobody confirmed has gone', async (method) => {
    const { account, accountId: id, id: device, ...rest } = (left.get(method) as Left).unconfirmed;
    const code = (left.get(method) as Left).unconfirmed.code();
    expect(rest.profile.type).toBe('hotp'); // its code does not change with time
    const relay = await relayOf(method);
    await expect(served(() => relay.confirm({ id, device, code }))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await served(() => app.verify({ account, code }))).toMatchObject({ reason: 'disabled' });
    expect((await served(() => desk.devices({ account }))).devices).toEqual([]);
  });

  test('a next key that nobody confirmed has gone, and the present one works', async () => {
    const { account, accountId: id, id: device } = owner;
    const confirming = { id, device, epoch: 2, code: next.code() };
    await expect(served(() => desk.confirmRekey(confirming))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await served(() => app.verify({ account, code: owner.code() }))).toMatchObject({ verdict: 'accepted' });
  });

  test('a sheet of recovery codes lasts', async () => {
    const [code = ''] = sheet.codes;
    expect(await served(() => app.recover({ account: owner.account, code }))).toMatchObject({ verdict: 'accepted' });
  });
});
