import type { Random } from '@countersign/runtime';
import { copyPlatform } from './copy-platform.js';
import { makeDeliveryKey } from './delivery.js';
import { StateFolder } from './folder.js';
import { holdCeremony } from './hsm.js';
import { planWith } from './identities.js';
import type { PlatformOptions } from './options.js';
import { readPlan, writePlan, type Plan, type TenantWish } from './plan.js';
import { makeRecipientList } from './recipients.js';
import { makeCertificates } from './tls/certificates.js';
import type { Servers } from './runtime.js';
import { makeSecrets } from './secrets.js';

export interface Wishes extends Pick<PlatformOptions, 'copyOf' | 'topology' | 'tls'> {
  servers: Servers;
  tenants: TenantWish[];
  random: Random;
  /** `elsewhere`: the token is where this process has no business to be; whoever calls sees to its ceremony */
  ceremony?: 'here' | 'elsewhere';
}

/** Makes in `folder` whatever of a platform is missing: credentials, secrets, token. What exists stays as it is. */
export async function makePlatform(
  folder: StateFolder,
  { servers, tenants, random, copyOf, topology, tls, ceremony = 'here' }: Wishes,
): Promise<Plan> {
  if (copyOf !== undefined) copyPlatform(new StateFolder(copyOf), folder);
  const before = readPlan(folder);
  const made = before ? (before.topology ?? 'single') : (topology ?? 'single');
  if (topology && topology !== made) throw new Error(`this platform is ${made} for ever, not ${topology}`);
  makeSecrets(folder, random);
  makeRecipientList(folder);
  await makeDeliveryKey(folder);
  if (copyOf === undefined && ceremony === 'here') await holdCeremony(folder, servers);
  const plan = planWith(folder, tenants, before);
  if (made === 'cluster') plan.topology = made;
  if (tls ?? plan.tls) await useTls(folder, plan, before);
  writePlan(folder, plan);
  return plan;
}

/** From its making on, or never: who connected without would go on without. */
async function useTls(folder: StateFolder, plan: Plan, before: Plan | undefined): Promise<void> {
  if (plan.topology === 'cluster') throw new Error('a cluster on one machine has no TLS');
  if (before && !before.tls) throw new Error('this platform was made without TLS');
  plan.tls = true;
  await makeCertificates(folder, plan);
}
