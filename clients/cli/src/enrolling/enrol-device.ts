import type { Countersign } from '@countersign/caller';
import type { DeviceDescription } from '@countersign/device';
import { publicKeys } from '@countersign/local';
import { beginExchange } from '@countersign/pairing';
import type { Secret } from '@countersign/runtime';
import type { EnrolParts } from './enrol-parts.js';

export interface Enrolled {
  description: DeviceDescription;
  key: Secret;
}

/**
 * The exchange: the key leaves the HSM wrapped for this process alone, and the answer must be signed by the identity key
 * that this folder pins. No service sees the key.
 */
export async function enrolDevice(
  countersign: Countersign,
  { account, tenant, folder, profile, wish }: EnrolParts,
): Promise<Enrolled> {
  const exchange = beginExchange();
  const answer = await countersign.exchange({ account, point: exchange.point, ...profile, ...wish });
  const { identity } = publicKeys(folder);
  const key = exchange.finish(answer, identity, { tenant, profile });
  const { account: id, device, epoch } = answer;
  return { description: { tenant, account: id, device, epoch, profile, identity }, key };
}
