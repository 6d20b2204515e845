import type { StateFolder } from './folder.js';
import type { TenantPlan } from './plan.js';
import { programOf } from './root.js';
import { planOf } from './credentials.js';
import { tlsOf } from './tls/certificates.js';
import { runOnce } from './run-once.js';

/** Makes the streams, with a replica on each server, and writes these tenants' settings, as the set-up identity. Safe to run again. */
export async function setUpLedger(folder: StateFolder, servers: string[], tenants: TenantPlan[]): Promise<void> {
  await runOnce({
    meaning: "the ledger's set-up",
    program: programOf('libs/ledger', 'set-up.js'),
    input: {
      servers,
      nkeyFile: folder.credential('setup'),
      tls: tlsOf(folder, planOf(folder), 'setup'),
      replicas: servers.length,
      tenants: tenants.map(({ name, names }) => ({ name, names })),
    },
  });
}
