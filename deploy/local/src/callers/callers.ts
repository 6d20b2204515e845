import { existsSync, readFileSync, rmSync } from 'node:fs';
import { Failure, parseCaller, parseTenant, type Role } from '@countersign/contracts';
import { createUser } from '@nats-io/nkeys';
import { callerCredentials } from '../credentials.js';
import type { StateFolder } from '../folder.js';
import { nkeyIn } from '../identities.js';
import { addTenants, type CallerPlan, type Plan, type TenantPlan, type TenantWish } from '../plan.js';
import { writePrivate } from '../private-files.js';
import { changing, type PlanChange } from './changing.js';
import { connectAsCaller, proveCaller, proveEnded, type Proof } from './proof.js';

/** A caller after a change, and what was seen of it; no proof while the platform is down. */
export interface CallerDone {
  tenant: string;
  caller: string;
  role: Role;
  /** path of its credential */
  nkeySeedFile: string;
  proof?: Proof;
}

/** Adds a tenant with callers of its own. Throws Failure CONFLICT, and what `changing` throws. */
export function addTenant(folder: StateFolder, wish: TenantWish): Promise<{ name: string; callers: CallerDone[] }> {
  const name = parseTenant(wish.name);
  for (const caller of Object.keys(wish.callers)) parseCaller(caller);
  return changing(folder, async (change) => {
    if (change.plan.tenants.some((each) => each.name === name))
      throw new Failure('CONFLICT', `there is a tenant ${name} already`);
    addTenants(change.plan, [wish], (tenant, caller) => nkeyIn(folder.callerCredential(tenant, caller)));
    await change.apply();
    const { callers } = tenantIn(change.plan, name);
    return { name, callers: await Promise.all(callers.map((caller) => proven(folder, change, name, caller))) };
  });
}

/** Adds a caller to a tenant. Throws Failure CONFLICT, NOT_FOUND. */
export function addCaller(folder: StateFolder, tenant: string, caller: string, role: Role): Promise<CallerDone> {
  const name = parseCaller(caller);
  return changing(folder, async (change) => {
    const { plan } = change;
    const within = tenantIn(plan, tenant);
    if (within.callers.some((each) => each.name === name))
      throw new Failure('CONFLICT', `${tenant} has a caller ${name} already`);
    plan.revoked = plan.revoked?.filter((each) => each.tenant !== within.name || each.caller !== name) ?? [];
    const added = { name, role, nkey: nkeyIn(folder.callerCredential(tenant, name)) };
    within.callers.push(added);
    await change.apply();
    return proven(folder, change, tenant, added);
  });
}

/** Gives a caller a new credential in the same file; the old one ends at once. Throws Failure NOT_FOUND. */
export function rotateCaller(folder: StateFolder, tenant: string, caller: string): Promise<CallerDone> {
  return changing(folder, async (change) => {
    const found = callerIn(change.plan, tenant, caller);
    const old = await watched(folder, change, tenant, caller);
    const pair = createUser();
    found.nkey = pair.getPublicKey();
    writePrivate(folder.callerCredential(tenant, caller), pair.getSeed());
    rmSync(folder.callerCredential(tenant, caller, 'pem'), { force: true }); // the change makes what is missing
    await change.apply();
    await old?.seeItEnd();
    return proven(folder, change, tenant, found);
  });
}

/** Ends a caller's rights: its credential is refused and its connections are dropped. Throws Failure NOT_FOUND. */
export function revokeCaller(folder: StateFolder, tenant: string, caller: string): Promise<CallerDone> {
  return changing(folder, async (change) => {
    const { plan } = change;
    const { name, role } = callerIn(plan, tenant, caller);
    const within = tenantIn(plan, tenant);
    const old = await watched(folder, change, tenant, caller);
    within.callers = within.callers.filter((each) => each.name !== name);
    plan.revoked = [...(plan.revoked ?? []), { tenant: within.name, caller: name }];
    await change.apply();
    await old?.seeItEnd();
    const nkeySeedFile = folder.callerCredential(tenant, caller);
    for (const kind of ['nk', 'pem', 'key'] as const)
      rmSync(folder.callerCredential(tenant, caller, kind), { force: true });
    return { tenant, caller, role, nkeySeedFile, ...(old && { proof: { answered: [] } }) };
  });
}

/** While the platform runs: a connection with the present credential, to see it end. */
async function watched(
  folder: StateFolder,
  { natsServers }: PlanChange,
  tenant: string,
  caller: string,
): Promise<{ seeItEnd: () => Promise<void> } | undefined> {
  if (natsServers === undefined || !existsSync(folder.callerCredential(tenant, caller))) return undefined;
  const credentials = callerCredentials(folder, tenant, caller);
  const seed = readFileSync(credentials.nkeySeedFile);
  const living = await connectAsCaller(credentials, seed).catch(() => undefined); // another's file: nothing to see end
  return living && { seeItEnd: () => proveEnded(credentials, seed, living) };
}

async function proven(
  folder: StateFolder,
  { natsServers }: PlanChange,
  tenant: string,
  { name, role }: CallerPlan,
): Promise<CallerDone> {
  const nkeySeedFile = folder.callerCredential(tenant, name);
  const done: CallerDone = { tenant, caller: name, role, nkeySeedFile };
  if (natsServers === undefined) return done;
  return { ...done, proof: await proveCaller(callerCredentials(folder, tenant, name)) };
}

function tenantIn({ tenants }: Plan, tenant: string): TenantPlan {
  const found = tenants.find(({ name }) => name === tenant);
  if (found) return found;
  throw new Failure(
    'NOT_FOUND',
    `there is no tenant ${tenant}; there are ${tenants.map(({ name }) => name).join(', ')}`,
  );
}

function callerIn(plan: Plan, tenant: string, caller: string): CallerPlan {
  const { callers } = tenantIn(plan, tenant);
  const found = callers.find(({ name }) => name === caller);
  if (found) return found;
  const there = callers.map(({ name, role }) => `${name} (${role})`).join(', ') || 'none';
  throw new Failure('NOT_FOUND', `${tenant} has no caller ${caller}; there are ${there}`);
}
