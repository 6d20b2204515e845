import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  checkConsistency,
  checkInclusion,
  leafHash,
  openCheckpoint,
  parseVerifierKey,
  verifierOf,
  type OpenedCheckpoint,
} from '@countersign/tlog';
import { auditKey } from '@countersign/local';
import { World } from '../world/world.js';

let world: World;
beforeAll(async () => {
  world = await World.start({ replicas: { audit: 2 } });
}, 120_000);
afterAll(() => world?.stop());

const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
const open = (note: string): OpenedCheckpoint =>
  openCheckpoint(note, verifierOf(parseVerifierKey(auditKey(world.platform.folder))));

test('a verdict is proved by a receipt, and every log begins with the one before', async () => {
  const [app, audit] = [await world.caller('app'), await world.caller('audit')];
  const device = await world.owner();
  const first = open((await audit.checkpoint({})).checkpoint);
  const { sequence } = await app.verify({ account: device.account, code: device.wrongCode() });
  const receipt = await audit.receipt({ sequence });
  const head = open(receipt.checkpoint);
  checkInclusion(leafHash(Buffer.from(receipt.entry)), sequence - 1, head, receipt.proof.map(bytes));
  expect(receipt.entry).toMatch(/^ledger\.acme\.[^.]+\n\{.*"reason":"wrong_code"/);
  const { proof, checkpoint } = await audit.proof({ from: first.size });
  checkConsistency(first, open(checkpoint), proof.map(bytes));
  const next = audit.checkpoint({ after: head.size, waitMs: 10_000 });
  await app.verify({ account: device.account, code: device.wrongCode() });
  expect(open((await next).checkpoint).size).toBeGreaterThan(head.size);
});

test("a tenant sees its own entries, and hashes of others'", async () => {
  const device = await world.owner();
  const { sequence } = await (await world.caller('app')).verify({ account: device.account, code: device.wrongCode() });
  await (await world.caller('audit')).receipt({ sequence });
  const others = await world.caller('audit', 'beta');
  await expect(others.receipt({ sequence })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const { entries } = await others.entries({ sequence: 1, count: 256 });
  expect(entries.length).toBe(sequence);
  for (const { entry } of entries) expect(entry ?? 'ledger.beta.').toMatch(/^ledger\.beta\./);
});
