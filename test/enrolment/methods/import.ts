import { DEVICE_ID_LENGTH } from '@countersign/contracts';
import { wrapForImport } from '@countersign/pairing';
import { Secret, SystemRandom, randomId } from '@countersign/runtime';
import { Device } from '../../world/device.js';
import { ops, world } from '../shared-world.js';
import { PROFILE, type Method } from './method.js';

const SEED_BYTES = 32; // of PROFILE's hash

/** Two-step enrolment and token files end in this. */
export const importing: Method = {
  name: 'import',
  record: 'import',
  relay: 'ops',
  events: ['created'],
  begins: 'pending',
  begin: async (account) => {
    const { id } = await ops.account({ account });
    const random = new SystemRandom();
    const [device, seed] = [randomId(random, DEVICE_ID_LENGTH), random.bytes(SEED_BYTES)];
    const wrapped = wrapForImport({
      seed: new Secret(Buffer.from(seed)),
      parameters: { tenant: 'acme', account: id, device, epoch: 1, profile: PROFILE },
      importKey: await ops.importKey({}),
      pinnedIdentityKey: world.publicKeys.identity,
    });
    return {
      finish: async () => {
        await ops.importDevice({ account, device, ...PROFILE, ...wrapped, activate: false });
        return new Device(account, id, device, PROFILE, seed, 0);
      },
      secrets: { 'the seed': seed },
    };
  },
};
