import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import type { Bus } from '@countersign/bus';
import { ensureStream, streams } from './streams.js';
import { RealLedger } from './testing/real-ledger.js';

let real: RealLedger;
let bus: Bus;
beforeAll(async () => {
  real = await RealLedger.start(); // makes them
  bus = await real.connect();
});
afterAll(() => real.stop());

test('streams that are there as wanted are left alone', async () => {
  for (const wanted of streams(1))
    expect(await ensureStream(bus.connection, wanted)).toBe(`stream ${wanted.name} is there`);
});

test('the ledger keeps everything for ever and lets nothing be deleted', async () => {
  const { config } = await (await jetstreamManager(bus.connection)).streams.info('ledger');
  expect(config).toMatchObject({
    subjects: ['ledger.>'],
    storage: 'file',
    retention: 'limits',
    max_age: 0,
    max_msgs: -1,
    max_bytes: -1,
    max_msgs_per_subject: -1,
    discard: 'new',
    deny_delete: true,
    allow_rollup_hdrs: false,
  });
});

test.each([
  ['an age', { max_age: 3_600_000_000_000 }],
  ['a limit', { max_msgs: 1000 }],
  ['another number of replicas', { num_replicas: 3 }],
  ['other subjects', { subjects: ['ledger.>', 'more.>'] }],
])('a stream with %s is not taken for the ledger', async (_what, difference) => {
  const wanted = { ...streams(1)[0]!, ...difference };
  await expect(ensureStream(bus.connection, wanted)).rejects.toThrow(
    `stream ledger is there and differs: ${Object.keys(difference)[0]}`,
  );
});
