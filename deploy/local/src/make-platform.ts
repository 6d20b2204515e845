import type { Random } from '@countersign/runtime';
import type { StateFolder } from './folder.js';
import { holdCeremony } from './hsm.js';
import { planWith } from './identities.js';
import { readPlan, writePlan, type Plan, type TenantWish } from './plan.js';
import type { Servers } from './runtime.js';
import { makeSecrets } from './secrets.js';

/** Makes in `folder` whatever of a platform is missing: credentials, secrets, token. What exists stays as it is. */
export async function makePlatform(
  folder: StateFolder,
  servers: Servers,
  tenants: TenantWish[],
  random: Random,
): Promise<Plan> {
  folder.make();
  makeSecrets(folder, random);
  await holdCeremony(folder, servers);
  const plan = planWith(folder, tenants, readPlan(folder));
  writePlan(folder, plan);
  return plan;
}
