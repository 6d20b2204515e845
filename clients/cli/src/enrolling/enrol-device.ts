import { Failure, type Countersign } from '@countersign/caller';
import type { DeviceDescription } from '@countersign/device';
import { publicKeys, type StateFolder } from '@countersign/local';
import { beginExchange } from '@countersign/pairing';
import type { Secret } from '@countersign/runtime';
import { profileFields, type ProfileOptions } from '../profile-options.js';

export interface Enrolled {
  description: DeviceDescription;
  key: Secret;
  /** the account was not there before */
  accountMade: boolean;
}

export interface EnrolWish {
  account: string;
  tenant: string;
  folder: StateFolder;
  options: ProfileOptions & { namedOnly?: true };
}

/**
 * The exchange: the key leaves the HSM wrapped for this process alone, and the answer must be signed by the identity key
 * that this folder pins. No service sees the key.
 */
export async function enrolDevice(
  countersign: Countersign,
  { account, tenant, folder, options }: EnrolWish,
): Promise<Enrolled> {
  const profile = profileFields(options);
  const accountMade = await makeAccount(countersign, account);
  const exchange = beginExchange();
  const { namedOnly } = options;
  const answer = await countersign.exchange({
    account,
    point: exchange.point,
    ...profile,
    ...(namedOnly && { namedOnly }),
  });
  const { identity } = publicKeys(folder);
  const key = exchange.finish(answer, identity, { tenant, profile });
  const { account: id, device, epoch } = answer;
  const description = { tenant, account: id, device, epoch, profile, identity };
  return { description, key, accountMade };
}

/** True when it was not there. */
async function makeAccount(countersign: Countersign, account: string): Promise<boolean> {
  try {
    await countersign.account({ account });
    return false;
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'NOT_FOUND')) throw error;
  }
  await countersign.createAccount({ names: [account] });
  return true;
}
