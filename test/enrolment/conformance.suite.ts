import { describe, expect, test } from '@jest/globals';
import type { Device } from '../world/device.js';
import { formsOf, type Pattern } from '../canaries/encodings.js';
import { Search, report } from '../canaries/search.js';
import { eventsOf, stored } from './ledger.js';
import { METHODS, WAYS } from './methods/index.js';
import type { Begun } from './methods/method.js';
import { app, desk, world } from './shared-world.js';

const AT_ONCE = 5;
const CANARY_BYTES = 16;

/** A secret that is too short for a canary's forms is searched for as it is. */
const patterns = (name: string, secret: Uint8Array): Pattern[] =>
  secret.length < CANARY_BYTES ? [{ canary: name, form: 'text', bytes: Buffer.from(secret) }] : formsOf(name, secret);

/** What every way to a key keeps, whatever it is. */
describe.each(WAYS)('$name', (way) => {
  async function finished() {
    const { name: account } = await world.account();
    const begun = await way.begin(account);
    return { account, begun, holder: await begun.finish(await world.caller(way.relay)) };
  }

  test('the ledger says who came, by which way, with which key', async () => {
    const { account, holder } = await finished();
    const events = await eventsOf(account);
    const last = expect.stringMatching(/^(enrolled|imported|recovery_issued)$/);
    expect(events.map(({ type }) => type)).toEqual([...way.events, last]);
    expect(events.at(-1)).toMatchObject({ device: holder.id, status: way.begins });
    const { devices } = await desk.devices({ account });
    expect(devices).toMatchObject([{ device: holder.id, status: way.begins, epoch: 1, profile: holder.profile }]);
    const record = await stored(`${holder.accountId}.${holder.id}.1`);
    expect(JSON.parse(record)).toMatchObject({ device: holder.id, epoch: 1, method: way.record });
  });

  test('leaves nothing secret in events, records and states', async () => {
    const { account, begun, holder } = await finished();
    const [record, state] = [await stored(`${holder.accountId}.${holder.id}.1`), await stored(holder.accountId)];
    const texts = [JSON.stringify(await eventsOf(account)), record, state];
    const secrets = Object.entries({ ...begun.secrets, 'the key': holder.key });
    const search = new Search(secrets.flatMap(([name, secret]) => patterns(name, secret)));
    expect(report(search.in(Buffer.from(texts.join('\n'))))).toEqual([]);
    const planted = Buffer.concat(secrets.map(([, secret]) => Buffer.from(secret)));
    expect(search.in(planted).length).toBeGreaterThanOrEqual(secrets.length);
  });
});

/** What every way to a device that shows codes keeps. Times that end: out-of-time.suite.ts. */
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
