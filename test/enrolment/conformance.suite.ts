import { describe, expect, test } from '@jest/globals';
import type { Device } from '../world/device.js';
import { formsOf, type Pattern } from '../canaries/encodings.js';
import { Search, report } from '../canaries/search.js';
import { eventsOf, stored } from './ledger.js';
import { METHODS } from './methods/index.js';
import type { Begun } from './methods/method.js';
import { app, desk, world } from './shared-world.js';

const AT_ONCE = 5;
const CANARY_BYTES = 16;

/** A secret that is too short for a canary's forms is searched for as it is. */
const patterns = (name: string, secret: Uint8Array): Pattern[] =>
  secret.length < CANARY_BYTES ? [{ canary: name, form: 'text', bytes: Buffer.from(secret) }] : formsOf(name, secret);

/** What every way to a key keeps, whatever it is. Times that end are in the services' own tests, where clocks can be moved. */
describe.each(METHODS)('$name', (method) => {
  const relay = (tenant?: string) => world.caller(method.relay, tenant);
  const begun = async (): Promise<{ account: string; begun: Begun }> => {
    const { name } = await world.account();
    return { account: name, begun: await method.begin(name) };
  };
  async function enrolled(): Promise<{ account: string; begun: Begun; device: Device }> {
    const started = await begun();
    return { ...started, device: await started.begun.finish(await relay()) };
  }
  const confirm = async ({ accountId, id }: Device, code: string) =>
    (await relay()).confirm({ id: accountId, device: id, code });

  test('signs in once its first code was confirmed, and not before', async () => {
    const { account, device } = await enrolled();
    const first = device.code();
    expect(await app.verify({ account, code: first })).toMatchObject({ verdict: 'rejected', reason: 'disabled' });
    expect(await confirm(device, first)).toMatchObject({ verdict: 'accepted', device: device.id });
    expect(await app.verify({ account, code: first })).toMatchObject({ verdict: 'rejected', reason: 'replayed' });
    expect(await app.verify({ account, code: device.code() })).toMatchObject({
      verdict: 'accepted',
      device: device.id,
    });
  });

  test('the ledger says who came, by which way, with which key', async () => {
    const { account, device } = await enrolled();
    const events = await eventsOf(account);
    expect(events.map(({ type }) => type)).toEqual([...method.events, expect.stringMatching(/^(enrolled|imported)$/)]);
    expect(events.at(-1)).toMatchObject({ device: device.id, status: 'pending' });
    const { devices } = await desk.devices({ account });
    expect(devices).toMatchObject([{ device: device.id, status: 'pending', epoch: 1, profile: device.profile }]);
    const record = await stored(`${device.accountId}.${device.id}.1`);
    expect(JSON.parse(record)).toMatchObject({ device: device.id, epoch: 1, method: method.record });
  });

  test('leaves nothing secret in events, records and states', async () => {
    const { account, begun, device } = await enrolled();
    const [record, state] = [await stored(`${device.accountId}.${device.id}.1`), await stored(device.accountId)];
    const texts = [JSON.stringify(await eventsOf(account)), record, state];
    const secrets = Object.entries({ ...begun.secrets, 'the key': device.key });
    const search = new Search(secrets.flatMap(([name, secret]) => patterns(name, secret)));
    expect(report(search.in(Buffer.from(texts.join('\n'))))).toEqual([]);
    const planted = Buffer.concat(secrets.map(([, secret]) => Buffer.from(secret)));
    expect(search.in(planted).length).toBeGreaterThanOrEqual(secrets.length);
  });

  test('what is used once is not used again, and adds nothing', async () => {
    const { account, begun } = await enrolled();
    if (begun.once === undefined) return;
    await expect(begun.finish(await relay())).rejects.toMatchObject({ code: begun.once.refused });
    expect((await desk.devices({ account })).devices.length).toBeLessThanOrEqual(1);
  });

  test('of several at once, one', async () => {
    const { account, begun: one } = await begun();
    if (one.once === undefined) return;
    const told = await one.once.race(await relay(), AT_ONCE);
    expect(told.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const each of told)
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: one.once.refused });
    expect((await eventsOf(account)).filter(({ type }) => type === 'enrolled')).toHaveLength(1);
  });

  test('is nobody`s in another tenant, and costs nothing there', async () => {
    const { begun: one } = await begun();
    if (one.once === undefined) return;
    await expect(one.finish(await relay('beta'))).rejects.toMatchObject({ code: one.once.refused });
    expect(await one.finish(await relay())).toMatchObject({ profile: { type: 'hotp' } });
  });
});
