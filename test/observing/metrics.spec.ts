import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SERVICES } from '@countersign/contracts';
import { bare, tableRows } from '../docs/documents.js';
import { World } from '../world/world.js';
import { observedAt, ownNames, scraped } from './scrape.js';

const COUNTERSIGN = fileURLToPath(new URL('../../clients/cli/bin/countersign.mjs', import.meta.url));
const MAX_SERIES = 500; // of one replica, however many accounts, callers and tenants there are

let world: World;
let account: string;
beforeAll(async () => {
  world = await World.start({ replicas: { delivery: 1 } });
  const device = await world.owner();
  ({ account } = device);
  const app = await world.caller('app');
  const code = device.code();
  expect(await app.verify({ account, code })).toMatchObject({ verdict: 'accepted' });
  expect(await app.verify({ account, code })).toMatchObject({ reason: 'replayed' });
  expect(await app.verify({ account, code: device.wrongCode() })).toMatchObject({ reason: 'wrong_code' });
});
afterAll(() => world.stop());

const isOf = (service: string, name: string): boolean => name.replace(/-\d+$/, '') === service;

test('every service is live and ready', async () => {
  const at = [...observedAt(world)];
  expect(at.map(([name]) => name.replace(/-\d+$/, '')).sort()).toEqual([...SERVICES].sort());
  for (const [, base] of at) {
    expect((await fetch(`${base}/live`)).status).toBe(200);
    expect(await (await fetch(`${base}/ready`)).json()).toEqual({ ready: true, missing: {} });
  }
});

test('verdicts are counted by reason, and what they cost is timed', async () => {
  const texts = await scraped(world);
  const all = [...texts.values()].join('\n');
  for (const outcome of ['accepted', 'replayed', 'wrong_code'])
    expect(all).toContain(`countersign_verdicts_total{verb="verify",outcome="${outcome}"} 1`);
  expect(all).toMatch(/^countersign_hsm_seconds_count\{operation="macs"\} [1-9]/m);
  expect(all).toMatch(/^countersign_ledger_append_seconds_count\{outcome="stored"\} [1-9]/m);
  expect(all).toMatch(/^countersign_hsm_connected 1$/m);
  expect(all).not.toMatch(/^countersign_ledger_usable 0$/m);
});

test('docs/observing.md says which service tells which metrics, and no other', async () => {
  const rows = tableRows('docs/observing.md', 'Metrics', 'metric');
  for (const [name, text] of await scraped(world)) {
    const said = rows.filter(([, by = '']) => by === 'all' || by.split(', ').some((service) => isOf(service, name)));
    expect(ownNames(text).sort()).toEqual(said.map(([metric]) => bare(metric)).sort());
  }
});

test('no metric names anybody, and there are few series', async () => {
  for (const text of (await scraped(world)).values()) {
    for (const name of [account, 'acme', 'beta', 'app', 'desk']) expect(text).not.toContain(`"${name}"`);
    expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length).toBeLessThan(MAX_SERIES);
  }
});

test('countersign top shows what happened in between', async () => {
  const args = [COUNTERSIGN, 'top', '--every', '1', '--times', '2', '--json', '--state', world.platform.folder.path];
  const app = await world.caller('app');
  const shown = promisify(execFile)(process.execPath, ['--no-warnings', ...args]);
  let ended = false;
  void shown.then(() => (ended = true));
  const wrong = { account: 'nobody-at-all', code: '000000' };
  while (!ended) await app.verify(wrong);
  const lines = (await shown).stdout.trim().split('\n');
  expect(lines).toHaveLength(2);
  const figures = JSON.parse(lines[1] ?? '') as Record<string, Record<string, unknown>>;
  expect(figures).toMatchObject({
    ledger: { usable: true },
    hsm: { connected: 1 },
    audit: { lag: expect.any(Number) },
  });
  const { rejected } = figures['verdicts'] as { rejected: Record<string, number> };
  expect((rejected['wrong_code'] ?? 0) + (rejected['locked'] ?? 0)).toBeGreaterThan(0);
  expect((figures['services'] as unknown as { name: string }[]).map(({ name }) => name)).toEqual([...SERVICES].sort());
});
