import { expect, test } from '@jest/globals';
import { newAccount } from '@countersign/account';
import { Log, Secret, SystemClock } from '@countersign/runtime';
import fc from 'fast-check';
import type { CacheServer } from './cache-server.js';
import { WindowCache } from './window-cache.js';

/** PROPERTY_SEED plays a failing run again. */
const seed = Number(process.env['PROPERTY_SEED'] ?? process.hrtime.bigint() % 2_147_483_647n);

test('whatever Redis says instead of what was kept there, it counts as absent', async () => {
  let says: unknown;
  const kept: string[] = [];
  const redis = {
    admit: () => says,
    settle: (_key: string, sequence: number, value: string, mac: string) =>
      kept.push('cached', String(sequence), value, mac),
  };
  const server = { ask: async (work: (to: typeof redis, space: string) => unknown) => work(redis, 'space') };
  const quiet = new Log('test', 'error', () => undefined);
  const secrets = [new Secret(Buffer.alloc(32, 1))];
  const cache = new WindowCache(server as unknown as CacheServer, secrets, 60_000, new SystemClock(), quiet);
  const name = { stream: 's', subject: 'ledger.acme.x' };
  await cache.settle(name, { state: newAccount(), sequence: 7 });
  says = kept;
  expect(await cache.admit(name, 0)).toEqual({ state: newAccount(), sequence: 7 });

  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', '7', '8', '07', 'null', '{}', 'absent', 'closed', ...kept),
  );
  const changed = fc
    .tuple(fc.nat({ max: 3 }), text)
    .map(([at, other]) => kept.map((each, index) => (index === at ? other : each)));
  const any = fc.oneof(changed, fc.array(text, { maxLength: 5 }));
  const read = fc.asyncProperty(any, async (answer) => {
    says = answer;
    const right = JSON.stringify(answer.slice(0, 4)) === JSON.stringify(kept);
    return ((await cache.admit(name, 0)) !== undefined) === right;
  });
  await fc.assert(read, { seed, numRuns: 2000 });
});
