import { cpSync } from 'node:fs';
import type { StateFolder } from './folder.js';
import { writeHsmConfig } from './hsm.js';
import { planOf } from './credentials.js';
import { writePlan } from './plan.js';

/** Copies a platform that is down into another folder: the same keys, tenants and ledger, on ports of its own. */
export function copyPlatform(from: StateFolder, to: StateFolder): void {
  const plan = planOf(from);
  cpSync(from.path, to.path, { recursive: true, filter: (path) => path !== from.lock() && path !== from.children() });
  writePlan(to, { ...plan, ports: {} });
  writeHsmConfig(to); // it names the folder of the token
}
