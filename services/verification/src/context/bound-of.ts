import { createHash } from 'node:crypto';
import { Failure, type DeviceId, type IssueChallengeRequest } from '@countersign/contracts';
import type { Bound } from '@countersign/account';
import canonicalize from 'canonicalize';
import { networkOf } from './network.js';

/** What a challenge is to be bound to, as it is kept. `transaction`: its digest. Throws INVALID_ARGUMENT. */
export function boundOf(
  { purpose, device, networks, zone, cell, notBefore }: Omit<IssueChallengeRequest, 'transaction'>,
  transaction: string | undefined,
): Bound | undefined {
  if (zone !== undefined && cell !== undefined) throw onePlace();
  const bound: Bound = {
    ...(purpose !== undefined && { purpose }),
    ...(transaction !== undefined && { transaction }),
    ...(device !== undefined && { device: device as DeviceId }),
    ...(networks !== undefined && { networks: networks.map(networkOf) }),
    ...(zone !== undefined && { zone }),
    ...(cell !== undefined && { cell }),
    ...(notBefore !== undefined && { from: notBefore }),
  };
  return Object.keys(bound).length > 0 ? bound : undefined;
}

/** Digest of all of it, from which the code is computed: the code of another bound is another code. */
export const contextOf = (bound: Bound = {}): string =>
  createHash('sha256')
    .update(`countersign challenge context v1\0${canonicalize(bound)}`)
    .digest('base64url');

function onePlace(): Failure {
  const problem = 'either zone or cell, and not both';
  const fields = ['zone', 'cell'].map((field) => ({ field, problem }));
  return new Failure('INVALID_ARGUMENT', `zone, cell: ${problem}`, { fields });
}
