import { DEFAULT_RULES, type Rules } from '@countersign/account';
import { Failure, type Tenant } from '@countersign/contracts';
import { monotonicMs, type Monotonic } from '@countersign/bus';
import type { Ledger } from './ledger.js';

const REREAD_MS = 2_000; // one small read per tenant and replica
const CURRENT_MS = 4_000; // a change is in force within 5 s of its answer: the rest is for judging

interface Read {
  rules: Rules;
  /** it was the policy in force then, or later */
  askedAtMs: number;
}

/**
 * Tenants' policies as they are in force, for those who judge. Read from the ledger's leader every two seconds while
 * somebody asks; one read more than four seconds ago is not used. Ages are of a clock that only grows.
 */
export class Policies {
  private readonly known = new Map<Tenant, Read>();
  private readonly reading = new Map<Tenant, Promise<Read>>();

  constructor(
    private readonly ledger: Pick<Ledger, 'policy'>,
    private readonly nowMs: Monotonic = monotonicMs,
  ) {}

  /** Throws UNAVAILABLE when the ledger cannot be asked, or holds a policy that this code cannot read. */
  async of(tenant: Tenant): Promise<Rules> {
    const known = this.known.get(tenant);
    if (known === undefined || this.ageMs(known) >= CURRENT_MS) return this.current(await this.reread(tenant));
    if (this.ageMs(known) >= REREAD_MS) this.reread(tenant).catch(() => undefined); // told when it is too old
    return known.rules;
  }

  /** The answer may have been long under way, for one who asked before. */
  private current(read: Read): Rules {
    if (this.ageMs(read) < CURRENT_MS) return read.rules;
    throw new Failure('UNAVAILABLE', 'the ledger took too long to say which policy is in force');
  }

  private ageMs({ askedAtMs }: Read): number {
    return this.nowMs() - askedAtMs;
  }

  private reread(tenant: Tenant): Promise<Read> {
    const underWay = this.reading.get(tenant);
    if (underWay !== undefined) return underWay;
    const read = this.read(tenant).finally(() => this.reading.delete(tenant));
    this.reading.set(tenant, read);
    return read;
  }

  /** Versions only grow: a leader that says less is none any more, or not yet (P4). */
  private async read(tenant: Tenant): Promise<Read> {
    const askedAtMs = this.nowMs();
    const rules = (await this.ledger.policy(tenant)) ?? DEFAULT_RULES;
    if (rules.version < (this.known.get(tenant)?.rules.version ?? 0))
      throw new Failure('UNAVAILABLE', 'the ledger answers with an older policy than was seen');
    const read = { rules, askedAtMs };
    this.known.set(tenant, read);
    return read;
  }
}
