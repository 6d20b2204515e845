import { randomBytes } from 'node:crypto';
import { profileOf } from '@countersign/contracts';
import { prepareSeed } from '@countersign/oath';
import { wrapForImport } from '@countersign/pairing';
import { Secret, SystemRandom, randomId } from '@countersign/runtime';
import { Device } from '../world/device.js';
import type { World } from '../world/world.js';

/** Lengths of seeds in use, and the algorithm that each is imported for. */
const KINDS = [
  { algorithm: 'SHA1', seedBytes: 20 },
  { algorithm: 'SHA1', seedBytes: 16 },
  { algorithm: 'SHA256', seedBytes: 32 },
  { algorithm: 'SHA512', seedBytes: 64 },
] as const;
const DEVICES_EACH = 8;
const AT_ONCE = 8; // accounts; a device follows the other within one

/** Does `work` for every item, `atOnce` under way. */
export async function forEach<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values(); // one iterator for all: each takes the next
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Imports `count` new seeds, as an operator does who brings them from elsewhere. Each device is judged only by name. */
export async function plantSeeds(world: World, count: number): Promise<Device[]> {
  const ops = await world.caller('ops');
  const importKey = await ops.importKey({});
  const planted: Device[] = [];
  const accounts = Array.from({ length: Math.ceil(count / DEVICES_EACH) }, (_, index) => index * DEVICES_EACH);
  await forEach(accounts, AT_ONCE, async (first) => {
    const { name, id } = await world.account();
    for (let index = first; index < Math.min(first + DEVICES_EACH, count); index += 1) {
      const { algorithm, seedBytes } = KINDS[index % KINDS.length]!;
      const seed = randomBytes(seedBytes);
      const profile = profileOf({ type: 'hotp', algorithm });
      const device = randomId(new SystemRandom(), 12);
      const wrapped = wrapForImport({
        seed: prepareSeed(algorithm, new Secret(seed)),
        parameters: { tenant: 'acme', account: id, device, epoch: 1, profile },
        importKey,
        pinnedIdentityKey: world.platform.publicKeys.identity,
      });
      await ops.importDevice({ account: name, device, ...profile, ...wrapped, activate: true, namedOnly: true });
      planted.push(new Device(name, id, device, profile, seed, 0));
    }
  });
  return planted;
}
