import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectCaller } from '@countersign/caller';
import { DIRECTORY_BUCKET, DIRECTORY_STREAM, LEDGER_STREAM, SERVICES } from '@countersign/contracts';
import { connectAs, Platform, readServers, ROOT, type Plan } from '@countersign/local';
import { sleep } from '@countersign/runtime';

const START_MS = 60_000;
const NONE = { enrollment: 0, 'key-derivation': 0, verification: 0, audit: 0, delivery: 0 };
const REFUSAL = 'nats-server 2.9.10 does not keep a ledger with 3 replicas whole';
const WITH_LEDGER = SERVICES.filter((service) => service !== 'key-derivation' && service !== 'delivery');

/** A cluster of the release that Debian 12 has: several rivals of a race get their append acknowledged there. */
describe('a ledger with three replicas on nats-server 2.9.10', () => {
  const { natsServerOld: natsServer, ...servers } = readServers();
  const folder = mkdtempSync(join(tmpdir(), 'countersign-old-'));
  const create = async (afterwards: 'keep' | 'remove'): Promise<Platform> => {
    if (natsServer === undefined) throw new Error('nats-server 2.9.10 is not here: npm test fetches it with apt');
    return Platform.create({ folder, afterwards, topology: 'cluster', servers: { ...servers, natsServer } });
  };
  let platform: Platform;
  beforeAll(async () => {
    platform = await create('keep');
  }, START_MS);
  afterAll(() => platform.remove(), START_MS);

  test(
    'is not made by the set-up',
    async () => {
      await expect(platform.start({ replicas: NONE })).rejects.toThrow(REFUSAL);
    },
    START_MS,
  );

  test(
    'that somebody made all the same is refused by every service, and found by the doctor',
    async () => {
      const plan = JSON.parse(readFileSync(platform.folder.plan(), 'utf8')) as Plan;
      writeFileSync(
        platform.folder.plan(),
        JSON.stringify({ ...plan, inLedger: plan.tenants.map(({ name }) => name) }),
      );
      platform = await create('remove');
      await platform.start();
      await makeStreams();
      for (const service of WITH_LEDGER) await untilLogged(`${service}-1`, REFUSAL);

      const app = await connectCaller(platform.callerCredentials('acme', 'app'));
      await expect(app.verify({ account: 'ada', code: '123456' }, { timeoutMs: 1000 })).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      });
      await app.close();
      expect(doctor()).toContain('nats-server 2.9.10 does not keep 3 replicas whole');
    },
    START_MS,
  );

  async function makeStreams(): Promise<void> {
    const setup = await connectAs(platform.folder, platform.natsServers, 'setup', 5_000);
    for (const [name, subjects] of [
      [LEDGER_STREAM, 'ledger.>'],
      [DIRECTORY_STREAM, `$KV.${DIRECTORY_BUCKET}.>`],
    ] as const) {
      const config = { name, subjects: [subjects], num_replicas: 3, storage: 'file', retention: 'limits' };
      const made = await setup.request(`$JS.API.STREAM.CREATE.${name}`, config, { timeoutMs: 5_000 });
      expect(made).toMatchObject({ config: { num_replicas: 3 } });
    }
    await setup.close();
  }

  async function untilLogged(process: string, text: string): Promise<void> {
    const log = platform.folder.log(process);
    for (const endMs = performance.now() + 10_000; !readFileSync(log, 'utf8').includes(text); await sleep(50))
      if (performance.now() > endMs) throw new Error(`${process} did not say: ${text}`);
  }

  function doctor(): string {
    const cli = join(ROOT, 'clients', 'cli', 'dist', 'main.js');
    return spawnSync(process.execPath, [cli, 'doctor', '--state', folder], { encoding: 'utf8' }).stdout;
  }
});
