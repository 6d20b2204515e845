import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keptLog, startNats, stopAllNats, type TestNats } from '@countersign/bus/testing';
import { connectBus, type Bus } from '@countersign/bus';
import { TILE_STREAM, tileSubject } from '@countersign/contracts';
import { SystemRandom } from '@countersign/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StreamTiles } from './stream-tiles.js';
import { tileOf, tileStoreSuite } from './tile-store.suite.js';

let folder: string;
let nats: TestNats;
let bus: Bus;
const store = (): StreamTiles => new StreamTiles({ bus, random: new SystemRandom(), log: keptLog().log });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-tiles-'));
  nats = await startNats(`jetstream { store_dir: ${JSON.stringify(folder)} }`);
  bus = await connectBus({ servers: [nats.address], identity: 'test', log: keptLog().log });
  const { streams } = await jetstreamManager(bus.connection, { checkAPI: false });
  await streams.add({ name: TILE_STREAM, subjects: [tileSubject('*', '*')], max_msgs_per_subject: 1 });
});
afterAll(async () => {
  await bus?.close();
  await stopAllNats();
  rmSync(folder, { recursive: true, force: true });
});

describe('tiles in a stream', () => {
  tileStoreSuite(store);

  test('two replicas that write the same tile at once leave the widest', async () => {
    const widths = [10, 200, 40, 256, 90];
    await Promise.all(widths.map((width) => store().write([tileOf(width, { index: 10 })])));
    const [bytes] = await store().read([tileOf(256, { index: 10 }).tile]);
    expect(Buffer.from(bytes ?? [])).toEqual(tileOf(256).bytes);
  });

  test('what is no tile is as if it was not there', async () => {
    bus.connection.publish(tileSubject(0, 11), 'nonsense');
    await bus.connection.flush();
    expect(await store().read([tileOf(3, { index: 11 }).tile])).toEqual([undefined]);
  });
});
