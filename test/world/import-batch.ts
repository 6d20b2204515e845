import type { Countersign } from '@countersign/caller';
import type { BatchedReply } from '@countersign/contracts';
import { prepareSeed } from '@countersign/oath';
import { seedWrapper } from '@countersign/pairing';
import { Secret } from '@countersign/runtime';

export const IMPORTED_PROFILE = {
  type: 'hotp',
  algorithm: 'SHA1',
  digits: 6,
  stepSeconds: 30,
  t0Seconds: 0,
  counter: 0,
} as const;

export interface SeedOf {
  /** the account's id */
  id: string;
  device: string;
  epoch: number;
  seed: Buffer;
  /** wrapped for something else */
  spoilt?: true;
}

/** One `device.import.batch` in tenant acme, as a client makes it. `identity`: the platform's key. */
export async function importBatch(ops: Countersign, identity: string, seeds: SeedOf[]): Promise<BatchedReply[]> {
  using wrapper = seedWrapper({ importKey: await ops.importKey({}), pinnedIdentityKey: identity });
  const devices = seeds.map(({ id: account, device, epoch, seed, spoilt }) => {
    const profile = IMPORTED_PROFILE;
    const parameters = { tenant: 'acme', account, device, epoch: spoilt ? epoch + 1 : epoch, profile };
    const wrapped = wrapper.wrap(prepareSeed('SHA1', new Secret(seed)), parameters);
    return { id: account, device, epoch, ...profile, wrapped };
  });
  return (await ops.importBatch({ point: wrapper.point, devices, activate: true })).devices;
}
