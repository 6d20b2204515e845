import { beforeAll, describe, expect, test } from '@jest/globals';
import { keysSubject, type IssueReply } from '@countersign/contracts';
import { connectAs, unpinRecipient } from '@countersign/local';
import { RecipientKey, makeRecipient, openCode } from '@countersign/sealing';
import { report, Search } from '../canaries/search.js';
import type { Device } from '../world/device.js';
import { recipientKey, sheetOf, type OfflineSheet } from '../world/sheets.js';
import { eventsOf, stored } from './ledger.js';
import { app, desk, gate, ops, world } from './shared-world.js';

const AT_ONCE = 5;
const CONNECTS_WITHIN_MS = 5_000;

describe('a sheet for somebody offline', () => {
  let owner: Device;
  let account: string;
  let sheet: OfflineSheet;
  const verify = (code = '', rest = {}) => app.verifySheet({ account, code, ...rest });

  beforeAll(async () => {
    owner = await world.owner();
    ({ account } = owner);
    sheet = await sheetOf(world, desk, account, 100);
  });

  test('each code opens the account once, however it is typed, also of several at once', async () => {
    const { device } = sheet.reply;
    const [first = '', second = '', third] = sheet.codes;
    expect(await verify(first)).toMatchObject({ verdict: 'accepted', device });
    expect(await verify(first)).toMatchObject({ verdict: 'rejected', reason: 'replayed', device });
    expect(await verify(` ${second.replace('-', '').toUpperCase()}`)).toMatchObject({ verdict: 'accepted' });
    const all = await Promise.all(Array.from({ length: AT_ONCE }, () => verify(third).catch(() => undefined)));
    expect(all.filter((each) => each?.verdict === 'accepted')).toHaveLength(1);
    expect(await verify(sheet.codes[99])).toMatchObject({ verdict: 'accepted' });
    const { devices } = await desk.devices({ account });
    const { expiresAt } = sheet.reply;
    expect(devices.find((each) => each.device === device)).toMatchObject({ codesLeft: 96, expiresAt });
  });

  test('is looked at by `sheet.verify` alone', async () => {
    const [, , , code = ''] = sheet.codes;
    expect(await app.recover({ account, code })).toMatchObject({ reason: 'disabled' });
    expect(await app.verify({ account, device: sheet.reply.device, code: '123456' })).toMatchObject({
      reason: 'disabled',
    });
  });

  test('at a name that nobody has, a guess looks the same', async () => {
    const guess = (account: string) => app.verifySheet({ account, code: 'zzzzz-zzzzz' });
    const { sequence: _one, at: _then, ...real } = await guess(account);
    const { sequence: _other, at: _later, ...shadow } = await guess(`${account}-not`);
    expect(shadow).toEqual(real);
  });

  test('ends as a whole when it is revoked', async () => {
    const { device } = sheet.reply;
    await ops.revoke({ account, device });
    for (const at of [4, 98]) expect(await verify(sheet.codes[at])).toMatchObject({ reason: 'disabled' });
  });

  test('leaves no code in events, record and states', async () => {
    const id = sheet.reply.account;
    const texts = [
      JSON.stringify(await eventsOf(account)),
      await stored(id),
      await stored(`${id}.${sheet.reply.device}.1`),
    ];
    const codes = sheet.codes.flatMap((code, at) =>
      [code, code.replace('-', '')].map((form) => ({ canary: `code ${at}`, form: 'text', bytes: Buffer.from(form) })),
    );
    expect(report(new Search(codes).in(Buffer.from(texts.join('\n'))))).toEqual([]);
  });

  test('comes for nobody but a recipient of the tenant that is pinned at that moment', async () => {
    const wish = { account, count: 5, days: 1 };
    await recipientKey(world, 'short');
    expect(await desk.issueSheet({ ...wish, recipient: 'short' })).toMatchObject({ recipient: 'acme/short', codes: 5 });
    unpinRecipient(world.platform.folder, 'acme/short');
    for (const recipient of ['short', 'delivery', 'desk'])
      await expect(desk.issueSheet({ ...wish, recipient })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(gate.issueSheet(wish, { timeoutMs: 300 })).rejects.toThrow();
  });
});

test('a captured verification service gets no code sealed to a key of its own', async () => {
  const key = await recipientKey(world);
  const { platform } = world;
  const bus = await connectAs(platform.folder, platform.natsServers, 'verification', CONNECTS_WITHIN_MS);
  try {
    const own = await makeRecipient('verification');
    const item = {
      ...{ tenant: 'acme', account: '0123456789abcdefghjk', challenge: '0123456789abcdef' },
      ...{ context: Buffer.alloc(32).toString('base64url'), nonce: Buffer.alloc(16).toString('base64url') },
      form: { kind: 'digits', length: 6 },
    };
    const issue = (request: object) => bus.request<IssueReply>(keysSubject('issue'), request, { timeoutMs: 5_000 });
    const unknown = { kind: 'unknown-recipient' };
    expect(await issue({ ...item, recipient: 'verification' })).toEqual(unknown);
    expect(await issue({ ...item, tenant: 'beta', recipient: 'acme/field' })).toEqual(unknown);
    const point = own.publicText.split('.').at(-1);
    for (const more of [{ recipient: own.publicText }, { recipient: 'acme/field', point }, { recipient: point }])
      await expect(issue({ ...item, ...more })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const issued = (await issue({ ...item, recipient: 'acme/field' })) as Extract<IssueReply, { kind: 'issued' }>;
    const sealed = Buffer.from(issued.sealed, 'base64url');
    expect(await openCode(key, item, sealed)).toMatch(/^[0-9]{6}$/);
    await expect(openCode(await RecipientKey.read(own.privateText), item, sealed)).rejects.toThrow();
  } finally {
    await bus.close();
  }
});
