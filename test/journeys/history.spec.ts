import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Countersign } from '@countersign/caller';
import type { EventView } from '@countersign/contracts';
import { World } from '../world/world.js';

describe('the ledger tells what happened', () => {
  let world: World;
  let app: Countersign;
  let audit: Countersign;

  beforeAll(async () => {
    world = await World.start();
    [app, audit] = await Promise.all([world.caller('app'), world.caller('audit')]);
  });
  afterAll(() => world.stop());

  const types = (events: EventView[]): string[] => events.map(({ type }) => type);

  test("an account's events in order, by whom and when, and no state, code or secret in them", async () => {
    const began = Date.now();
    const device = await world.owner();
    const code = device.code();
    await app.verify({ account: device.account, code, origin: 'cookie-1' });
    await app.verify({ account: device.account, code });
    await app.verify({ account: device.account, code: device.wrongCode() });
    const { events, more } = await audit.events({ account: device.account });
    expect(types(events)).toEqual(['created', 'enrolled', 'confirmed', 'accepted', 'replayed', 'rejected']);
    expect(more).toBe(false);
    for (const event of events) {
      expect(event).toMatchObject({ account: device.accountId, by: expect.stringMatching(/^(desk|app)$/) });
      expect(event.storedAt).toBeGreaterThanOrEqual(began - 5000);
    }
    const text = JSON.stringify(events);
    for (const secret of [
      code,
      'cookie-1',
      device.account,
      device.key.toString('hex'),
      device.key.toString('base64url'),
    ])
      expect(text).not.toContain(JSON.stringify(secret));
    expect(events.every((event) => !('state' in event) && !('nonce' in event))).toBe(true);
  });

  test('in pages that meet without a gap', async () => {
    const device = await world.owner();
    for (let each = 0; each < 5; each += 1) await app.verify({ account: device.account, code: device.code() });
    const all = (await audit.events({ account: device.account })).events;
    const paged: EventView[] = [];
    for (let after = 0, more = true; more;) {
      const page = await audit.events({ account: device.account, after, limit: 3 });
      expect(page.events.length).toBeLessThanOrEqual(3);
      paged.push(...page.events);
      ({ next: after, more } = page);
    }
    expect(paged).toEqual(all);
  });

  test('by time: since is within, until is not', async () => {
    const device = await world.owner();
    for (let each = 0; each < 3; each += 1) await app.verify({ account: device.account, code: device.code() });
    const all = (await audit.events({ account: device.account })).events;
    const [, second, , fourth] = all;
    const page = await audit.events({
      account: device.account,
      since: (second as EventView).storedAt,
      until: (fourth as EventView).storedAt,
    });
    const within = all.filter(
      ({ storedAt }) => storedAt >= (second as EventView).storedAt && storedAt < (fourth as EventView).storedAt,
    );
    expect(page.events).toEqual(within);
  });

  test('a long poll answers as soon as something happens', async () => {
    const device = await world.owner();
    const { next } = await audit.events({ account: device.account });
    const waiting = audit.events({ account: device.account, after: next, waitMs: 10_000 });
    const began = performance.now();
    await app.verify({ account: device.account, code: device.code() });
    expect(types((await waiting).events)).toEqual(['accepted']);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  test('a service that is told to stop ends its long polls with an empty page', async () => {
    const { next } = await audit.events({});
    const waiting = audit.events({ after: next, waitMs: 15_000 });
    await audit.events({ limit: 1 });
    const began = performance.now();
    await world.process('audit').stop('SIGTERM');
    expect(performance.now() - began).toBeLessThan(3000);
    expect(await waiting).toMatchObject({ events: [], more: false });
    await world.process('audit').start();
  });

  test('questions about nobody are there, without a name', async () => {
    await app.verify({ account: 'a-name-nobody-has', code: '123456' });
    const { events } = await audit.events({ limit: 200 });
    expect(types(events)).toContain('nobody');
    expect(JSON.stringify(events)).not.toContain('a-name-nobody-has');
  });
});
