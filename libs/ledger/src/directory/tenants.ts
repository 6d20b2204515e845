import { Failure, type Tenant } from '@countersign/contracts';
import type { Clock } from '@countersign/runtime';
import type { Ledger } from '../ledger.js';
import { canonicalName, type NameRule } from './canonical-name.js';

export interface TenantSettings {
  names: NameRule;
}

const CURRENT_MS = 5_000; // a change of policy is in force everywhere within this

/** Settings of tenants, read from the ledger and believed for 5 s. */
export class Tenants {
  private readonly known = new Map<Tenant, { settings: TenantSettings; readAt: number }>();

  constructor(
    private readonly ledger: Ledger,
    private readonly clock: Clock,
  ) {}

  /** Throws UNAVAILABLE for a tenant that was not set up. */
  async settings(tenant: Tenant): Promise<TenantSettings> {
    const now = this.clock.now();
    const known = this.known.get(tenant);
    if (known !== undefined && Math.abs(now - known.readAt) < CURRENT_MS) return known.settings; // a clock may go back
    const event = await this.ledger.tenant(tenant);
    if (event === undefined) throw new Failure('UNAVAILABLE', `tenant ${tenant} has no settings in the ledger yet`);
    const settings: TenantSettings = { names: event.names };
    this.known.set(tenant, { settings, readAt: now });
    return settings;
  }

  /** The one form of a name in this tenant. Throws INVALID_ARGUMENT. */
  async canonicalName(tenant: Tenant, name: string): Promise<string> {
    return canonicalName(name, (await this.settings(tenant)).names);
  }
}
