import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SERVICES, type Identities, type ServiceName } from '@countersign/contracts';
import { createUser, fromSeed } from '@nats-io/nkeys';
import type { StateFolder } from './folder.js';
import { addTenants, type Plan, type TenantWish } from './plan.js';
import { privateFolder, writePrivate } from './private-files.js';

/** The public nkey of the seed in `path`. Throws when there is none. */
export const publicNkeyIn = (path: string): string => fromSeed(readFileSync(path)).getPublicKey();

/** The public nkey of the seed in `path`; draws a seed when there is none. */
export function nkeyIn(path: string): string {
  if (existsSync(path)) return publicNkeyIn(path);
  const pair = createUser();
  privateFolder(dirname(path));
  writePrivate(path, pair.getSeed());
  return pair.getPublicKey();
}

/** A plan with credentials for every service, the operator, the set-up and each wished caller. */
export function planWith(folder: StateFolder, wishes: TenantWish[], before: Plan | undefined): Plan {
  const services = Object.fromEntries(
    SERVICES.map((name) => [name, before?.services[name] ?? nkeyIn(folder.credential(name))]),
  ) as Plan['services'];
  const plan: Plan = before ?? {
    version: 1,
    services,
    operator: nkeyIn(folder.credential('operator')),
    setup: nkeyIn(folder.credential('setup')),
    tenants: [],
    ports: {},
    inLedger: [],
  };
  plan.services = services; // a release may bring a new one
  addTenants(plan, wishes, (tenant, caller) => nkeyIn(folder.callerCredential(tenant, caller)));
  return plan;
}

/** What the NATS configuration is generated from. */
export function identitiesOf({ services, operator, setup, tenants }: Plan): Identities {
  return { services: services satisfies Record<ServiceName, string>, operator, setup, tenants };
}
