import { DEFAULT_RULES, type Rules } from '@countersign/account';
import type { Tenant } from '@countersign/contracts';
import { monotonicMs, type Monotonic } from '@countersign/bus';
import type { Ledger } from './ledger.js';

const REREAD_MS = 2_000; // one small read per tenant and replica
const CURRENT_MS = 4_000; // a change is in force within 5 s of its answer: the rest is for judging

/**
 * Tenants' policies as they are in force, for those who judge. Read from the ledger's leader every two seconds while
 * somebody asks; one read more than four seconds ago is not used. Ages are of a clock that only grows.
 */
export class Policies {
  private readonly known = new Map<Tenant, { rules: Rules; askedAtMs: number }>();
  private readonly reading = new Map<Tenant, Promise<Rules>>();

  constructor(
    private readonly ledger: Pick<Ledger, 'policy'>,
    private readonly nowMs: Monotonic = monotonicMs,
  ) {}

  /** Throws UNAVAILABLE when the ledger cannot be asked, or holds a policy that this code cannot read. */
  async of(tenant: Tenant): Promise<Rules> {
    const known = this.known.get(tenant);
    const ageMs = known === undefined ? Infinity : this.nowMs() - known.askedAtMs;
    if (known !== undefined && ageMs < REREAD_MS) return known.rules;
    const read = this.reread(tenant);
    if (known === undefined || ageMs >= CURRENT_MS) return read;
    read.catch(() => undefined); // whoever comes when it is too old is told
    return known.rules;
  }

  private reread(tenant: Tenant): Promise<Rules> {
    const underWay = this.reading.get(tenant);
    if (underWay !== undefined) return underWay;
    const read = this.read(tenant).finally(() => this.reading.delete(tenant));
    this.reading.set(tenant, read);
    return read;
  }

  private async read(tenant: Tenant): Promise<Rules> {
    const askedAtMs = this.nowMs();
    const rules = (await this.ledger.policy(tenant)) ?? DEFAULT_RULES;
    this.known.set(tenant, { rules, askedAtMs });
    return rules;
  }
}
