import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { World } from '../world/world.js';

const COUNTERSIGN = fileURLToPath(new URL('../../clients/cli/bin/countersign.mjs', import.meta.url));
const LEDGER = 'jetstream/PLATFORM/streams/ledger';
const WRITERS = ['verification-1', 'enrollment-1'];

let world: World;
const place = mkdtempSync(join(tmpdir(), 'countersign-published-'));
const files = join(place, 'log');
beforeAll(async () => {
  world = await World.start({ restarts: 'never', variables: { audit: { AUDIT_DIRECTORY: files } } });
}, 120_000);
afterAll(async () => {
  await world?.stop();
  rmSync(place, { recursive: true, force: true });
});

async function countersign(command: string): Promise<{ status: number; out: string }> {
  const args = [COUNTERSIGN, ...command.split(' '), '--state', world.platform.folder.path];
  const child = spawn(process.execPath, ['--no-warnings', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  const [status] = (await once(child, 'close')) as [number];
  return { status, out: Buffer.concat(parts).toString('utf8') };
}

/** Asks about names that nobody has until the log has so many entries and all of these. */
async function logged(entries: number): Promise<void> {
  const [app, audit] = [await world.caller('app'), await world.caller('audit')];
  let last = 0;
  for (let asked = 0; last < entries; asked += 1)
    last = (await app.verify({ account: `nobody-${asked}`, code: '000000' })).sequence;
  await audit.receipt({ sequence: last });
}

test('a log that is being written is right for who reads the folder, and for who follows it', async () => {
  await logged(8);
  const [verify, follow] = [
    `audit verify ${files} --seen ${place}/verified`,
    `audit follow ${files} --seen ${place}/seen`,
  ];
  expect(await countersign(verify)).toMatchObject({ status: 0, out: expect.stringMatching(/^right: \d+ entries/) });
  expect(await countersign(`${follow} --once`)).toMatchObject({
    status: 0,
    out: expect.stringContaining('first time'),
  });
  await logged(12);
  expect(await countersign(`${verify} --resume`)).toMatchObject({
    status: 0,
    out: expect.stringMatching(/those since \d+ read/),
  });
  expect(await countersign(`${follow} --once`)).toMatchObject({
    status: 0,
    out: expect.stringMatching(/seen before, and \d+ more/),
  });
});

test('at a URL it is followed as files, and a server that shows an older one is found', async () => {
  const old = readFileSync(join(files, 'checkpoint'));
  let stale = false;
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    try {
      response.end(stale && url.endsWith('/checkpoint') ? old : readFileSync(join(files, url.replace('/log/', ''))));
    } catch {
      response.writeHead(404).end();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const follow = `audit follow http://127.0.0.1:${(server.address() as AddressInfo).port}/log --seen ${place}/by-url`;
  try {
    expect(await countersign(`${follow} --once`)).toMatchObject({ status: 0 });
    await logged(16);
    const { status, out } = await countersign(`${follow} --once`);
    expect({ status, out }).toMatchObject({ status: 0, out: expect.stringMatching(/seen before, and \d+ more/) });
    expect(asked.every((url) => /^\/log\/(checkpoint|tile\/\d+\/)/.test(url))).toBe(true); // no entry is read
    stale = true;
    expect(await countersign(`${follow} --every 1 --patience 1`)).toMatchObject({ status: 1 });
    expect(readFileSync(join(place, 'by-url.contradiction'))).toEqual(old);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('whoever writes the ledger refuses one that ends before the last checkpoint, though it never saw more', async () => {
  const { platform } = world;
  const nats = world.platform.process('nats');
  const store = platform.folder.natsStore();
  await nats.stop();
  cpSync(join(store, LEDGER), join(place, 'ledger'), { recursive: true });
  await nats.start();
  await logged(24);
  for (const name of ['audit-1', ...WRITERS]) await platform.process(name).stop();
  await nats.stop();
  rmSync(join(store, LEDGER), { recursive: true });
  cpSync(join(place, 'ledger'), join(store, LEDGER), { recursive: true });
  for (const name of WRITERS) rmSync(platform.folder.state(`${name}.high-water.json`));
  await nats.start();
  for (const name of WRITERS) await platform.process(name).start();
  const refused = { code: 'UNAVAILABLE', message: expect.stringMatching(/the ledger ends at \d+, and \d+ was seen/) };
  const [app, desk] = [await world.caller('app'), await world.caller('desk')];
  await expect(app.verify({ account: 'nobody', code: '000000' })).rejects.toMatchObject(refused);
  await expect(desk.createAccount({ names: ['somebody'] })).rejects.toMatchObject(refused);
});
