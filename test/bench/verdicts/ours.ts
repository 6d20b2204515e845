import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomId, Secret, SystemRandom } from '@countersign/runtime';
import { prepareSeed } from '@countersign/oath';
import { seedWrapper } from '@countersign/pairing';
import { Platform, livingChildren, type StartOptions } from '@countersign/local';
import { World } from '../../world/world.js';
import { keyOf, nameOf, type Target } from './load.js';

const BATCH = 64;
const PROFILE = { type: 'totp', algorithm: 'SHA1', digits: 6, stepSeconds: 30, t0Seconds: 0, counter: 0 } as const;
const ALWAYS = /, sync_interval: always/;

/** The product as it is started for anybody, on servers of its own. */
export class Ours {
  private constructor(readonly world: World) {}

  /** `sync`: NATS's sync_interval, or its own default (which the product's set-up does not use). */
  static async start(sync?: string, options: Pick<StartOptions, 'replicas' | 'variables'> = {}): Promise<Ours> {
    const written = sync === undefined ? '' : `, sync_interval: ${sync}`;
    const platform = await Platform.create({
      folder: mkdtempSync(join(tmpdir(), 'countersign-bench-')),
      afterwards: 'remove',
      natsConfig: (text) => text.replace(ALWAYS, written),
    });
    await platform.start(options);
    return new Ours(new World(platform));
  }

  get target(): Target {
    const { servers, caller, nkeySeedFile: seedFile } = this.world.credentials('app');
    return {
      servers: servers.join(','),
      subject: `countersign.v1.${caller}.verify`,
      credentials: { seedFile, inboxPrefix: `_INBOX_${caller}` },
    };
  }

  /** Process ids by part. */
  get pids(): Map<string, number> {
    return new Map(livingChildren(this.world.platform.folder).map(({ name, pid }) => [name, pid]));
  }

  /** Gives so many people a device each, as an operator imports a file of tokens. */
  async enrol(people: number, say: (done: number) => void): Promise<void> {
    const ops = await this.world.caller('ops');
    const random = new SystemRandom();
    for (let from = 0; from < people; from += BATCH) {
      const some = Array.from({ length: Math.min(BATCH, people - from) }, (_, at) => from + at);
      const wishes = some.map((at) => ({ account: nameOf(at), device: randomId(random, 12) }));
      const begun = await ops.beginImport({ devices: wishes });
      using wrapper = seedWrapper({ importKey: begun, pinnedIdentityKey: this.world.publicKeys.identity });
      const devices = begun.devices.map((one, at) => {
        if (one.kind !== 'new') throw new Error(`${nameOf(from + at)} was to be new: ${JSON.stringify(one)}`);
        const { account: id, epoch } = one;
        const { device } = wishes[at] as (typeof wishes)[number];
        const parameters = { tenant: 'acme', account: id, device, epoch, profile: PROFILE };
        const seed = prepareSeed('SHA1', new Secret(keyOf(from + at)));
        return { id, device, epoch, ...PROFILE, wrapped: wrapper.wrap(seed, parameters) };
      });
      const { devices: answers } = await ops.importBatch({ point: wrapper.point, devices, activate: true });
      const bad = answers.find(({ kind }) => kind !== 'imported');
      if (bad) throw new Error(`an import was ${JSON.stringify(bad)}`);
      say(from + some.length);
    }
  }

  stop(): Promise<void> {
    return this.world.stop();
  }
}
