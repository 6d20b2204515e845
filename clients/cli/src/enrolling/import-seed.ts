import type { Countersign } from '@countersign/caller';
import { DEVICE_ID_LENGTH, type ImportReply, type ImportRequest, type Profile } from '@countersign/contracts';
import { wrapForImport } from '@countersign/pairing';
import { SystemRandom, randomId, type Secret } from '@countersign/runtime';

export interface SeedWish {
  account: string;
  tenant: string;
  /** in a length that the HSM takes: see prepareSeed */
  seed: Secret;
  profile: Profile;
  /** the identity key that this folder pins */
  identity: string;
  wish: Pick<ImportRequest, 'activate' | 'namedOnly' | 'replaces'>;
}

/** Wraps a seed to the HSM, for a device whose id is drawn here, and has it imported. No service sees the seed. */
export async function importSeedOf(countersign: Countersign, parts: SeedWish): Promise<ImportReply> {
  const { account, tenant, seed, profile, identity, wish } = parts;
  const importKey = await countersign.importKey({});
  const { id } = await countersign.account({ account });
  const device = randomId(new SystemRandom(), DEVICE_ID_LENGTH);
  const parameters = { tenant, account: id, device, epoch: 1, profile };
  const wrapped = wrapForImport({ seed, parameters, importKey, pinnedIdentityKey: identity });
  return countersign.importDevice({ account, device, ...wrapped, ...profile, ...wish });
}
