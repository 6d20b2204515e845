import type { Role, Verb } from '@countersign/contracts';
import { VERBS } from '@countersign/contracts';
import type { StateFolder } from './folder.js';
import { addressOf } from './cluster/places.js';
import { callerTlsOf } from './tls/certificates.js';
import { placesOf, readPlan, type CallerPlan, type Plan } from './plan.js';

/** What a backend needs to ask: the fields that @countersign/caller takes. */
export interface CallerCredentials {
  servers: string[];
  tenant: string;
  caller: string;
  role: Role;
  nkeySeedFile: string;
  /** where the platform has TLS: whom to trust, and what to show */
  caFile?: string;
  certFile?: string;
  keyFile?: string;
}

/** Throws Error when this folder holds no platform. */
export function planOf(folder: StateFolder): Plan {
  const plan = readPlan(folder);
  if (plan) return plan;
  throw new Error(`there is no platform in ${folder.path}; run: countersign init`);
}

/** host:port of this folder's NATS servers. Throws Error when they were never started. */
export function natsServersOf(plan: Plan): string[] {
  const { nats } = placesOf(plan);
  if (nats.length === 0) throw new Error('this platform was never started; run: countersign up');
  return nats.map(addressOf);
}

/** The first of them. */
export const natsServerOf = (plan: Plan): string => natsServersOf(plan)[0] as string;

/** The credentials of one caller. Throws Error naming those that there are. */
export function callerCredentials(folder: StateFolder, tenant: string, caller: string): CallerCredentials {
  const { name, role } = find(callersOf(folder, tenant), ({ name: each }) => each === caller, `caller ${caller}`);
  return credentials(folder, tenant, name, role);
}

/** The first caller of the tenant whose role may ask `verb`. */
export function callerFor(folder: StateFolder, tenant: string, verb: Verb): CallerCredentials {
  const roles: readonly Role[] = VERBS[verb].roles;
  const { name, role } = find(callersOf(folder, tenant), (each) => roles.includes(each.role), `caller for ${verb}`);
  return credentials(folder, tenant, name, role);
}

function callersOf(folder: StateFolder, tenant: string): CallerPlan[] {
  const { tenants } = planOf(folder);
  const found = tenants.find(({ name }) => name === tenant);
  if (found) return found.callers;
  throw new Error(`there is no tenant ${tenant}; there are ${tenants.map(({ name }) => name).join(', ')}`);
}

function find(callers: CallerPlan[], fits: (caller: CallerPlan) => boolean, what: string): CallerPlan {
  const found = callers.find(fits);
  if (found) return found;
  const there = callers.map(({ name, role }) => `${name} (${role})`).join(', ');
  throw new Error(`there is no ${what}; there are ${there || 'none'}`);
}

function credentials(folder: StateFolder, tenant: string, caller: string, role: Role): CallerCredentials {
  const plan = planOf(folder);
  const nkeySeedFile = folder.callerCredential(tenant, caller);
  return {
    ...{ servers: natsServersOf(plan), tenant, caller, role, nkeySeedFile },
    ...callerTlsOf(folder, plan, tenant, caller),
  };
}
