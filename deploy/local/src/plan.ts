import type { Caller, Role, ServiceName, Tenant } from '@countersign/contracts';
import { parseCaller, parseTenant } from '@countersign/contracts';
import type { ServerPlace, ServerPlaces, Topology } from './cluster/places.js';
import type { StateFolder } from './folder.js';
import { HOST } from './ports.js';
import { readJson, writePrivate } from './private-files.js';

export interface CallerPlan {
  name: Caller;
  role: Role;
  /** public key, `U...` */
  nkey: string;
}

export interface TenantPlan {
  name: Tenant;
  /** whether `Ada` and `ada` name the same account; fixed when the tenant is made */
  names: 'fold' | 'exact';
  callers: CallerPlan[];
}

export type PortName = 'nats' | 'redis';

/** What a state folder holds, as platform.json keeps it. No secrets: those are files of their own. */
export interface Plan {
  version: 1;
  /** public nkeys */
  services: Record<ServiceName, string>;
  operator: string;
  setup: string;
  tenants: TenantPlan[];
  /** on 127.0.0.1; kept, so that a second start has the same ones if they are still free */
  ports: Partial<Record<PortName, number>>;
  /** with certificates of the platform's own authority, NATS and Redis speak TLS and nothing else; for ever */
  tls?: true;
  /** absent: single */
  topology?: Topology;
  /** where the servers are, when that is not the two `ports` of 127.0.0.1; as of the last start */
  places?: ServerPlaces;
  /** callers whose rights ended; they come back by `caller add` only, never because they are missing */
  revoked?: { tenant: Tenant; caller: Caller }[];
  /** tenants whose streams and settings the ledger's set-up has written */
  inLedger: Tenant[];
}

/** A tenant as somebody wishes it: callers by name, each with its role. */
export interface TenantWish {
  name: string;
  names?: 'fold' | 'exact';
  callers: Record<string, Role>;
}

export const DEV_CALLERS: TenantWish['callers'] = {
  app: 'verifier',
  desk: 'enroller',
  ops: 'operator',
  audit: 'auditor',
};

/** The development default: two tenants, so that what separates them can be seen. */
export const DEV_TENANTS: TenantWish[] = ['acme', 'beta'].map((name) => ({ name, callers: DEV_CALLERS }));

export function readPlan(folder: StateFolder): Plan | undefined {
  const plan = readJson<Plan>(folder.plan());
  if (plan && plan.version !== 1)
    throw new Error(`${folder.plan()} was written by another version; this one reads version 1`);
  return plan;
}

/** Where the servers are. Throws Error when they were never started. */
export function placesOf(plan: Plan): ServerPlaces {
  if (plan.places) return plan.places;
  if (plan.topology === 'cluster') throw new Error('this cluster was never started');
  const at = (name: PortName): ServerPlace[] => {
    const port = plan.ports[name];
    return port === undefined ? [] : [{ name, host: HOST, port }];
  };
  return { nats: at('nats'), redis: at('redis'), sentinels: [] };
}

export function writePlan(folder: StateFolder, plan: Plan): void {
  writePrivate(folder.plan(), `${JSON.stringify(plan, null, 2)}\n`);
}

/** Adds what is wished and not there yet; `nkeyOf` makes the credentials of a new caller. Removes nothing. */
export function addTenants(plan: Plan, wishes: TenantWish[], nkeyOf: (tenant: Tenant, caller: Caller) => string): void {
  for (const wish of wishes) {
    const name = parseTenant(wish.name);
    let tenant = plan.tenants.find((each) => each.name === name);
    if (!tenant) plan.tenants.push((tenant = { name, names: wish.names ?? 'fold', callers: [] }));
    for (const [text, role] of Object.entries(wish.callers)) {
      const caller = parseCaller(text);
      if (tenant.callers.some((each) => each.name === caller) || isRevoked(plan, name, caller)) continue;
      tenant.callers.push({ name: caller, role, nkey: nkeyOf(name, caller) });
    }
  }
}

const isRevoked = ({ revoked = [] }: Plan, tenant: Tenant, caller: Caller): boolean =>
  revoked.some((each) => each.tenant === tenant && each.caller === caller);
