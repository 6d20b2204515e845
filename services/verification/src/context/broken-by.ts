import type { Bound, Broken } from '@countersign/account';
import { isNear } from './cell.js';
import { isInside } from './network.js';

/** What holds, as the caller says. `transaction`: its digest. */
export type Presented = {
  [Field in 'purpose' | 'transaction' | 'device' | 'address' | 'zone' | 'cell']?: string | undefined;
};

/** The first thing that a challenge is bound to and that does not hold. What the caller does not say does not hold. */
export function brokenBy({ purpose, address, cell, ...presented }: Presented, bound: Bound = {}): Broken | undefined {
  if (bound.purpose !== undefined && bound.purpose !== purpose) return 'purpose';
  if (bound.transaction !== undefined && bound.transaction !== presented.transaction) return 'transaction';
  if (bound.device !== undefined && bound.device !== presented.device) return 'device';
  const inNetwork = address !== undefined && isInside(bound.networks ?? [], address); // a bad address is always refused
  if (bound.networks !== undefined && !inNetwork) return 'network';
  if (bound.zone !== undefined && bound.zone !== presented.zone) return 'place';
  if (bound.cell !== undefined && !(cell !== undefined && isNear(bound.cell, cell))) return 'place';
  return undefined;
}
