import { Failure, type Asker, type UnlockReply } from '@countersign/contracts';
import { unlocked } from '@countersign/account';
import type { Directory, Ledger, Tenants, Waiting } from '@countersign/ledger';
import type { Clock } from '@countersign/runtime';

/** Reopens an account's budgets for an operator. */
export class Unlocker {
  constructor(
    private readonly directory: Directory,
    private readonly tenants: Tenants,
    private readonly ledger: Ledger,
    private readonly clock: Clock,
  ) {}

  /** Throws NOT_FOUND, UNAVAILABLE, OUTCOME_UNKNOWN. */
  async unlock({ tenant, caller }: Asker, name: string, waiting: Waiting): Promise<UnlockReply> {
    const binding = await this.directory.find(tenant, await this.tenants.canonicalName(tenant, name));
    if (binding === undefined) throw new Failure('NOT_FOUND', 'there is no such account');
    const { sequence } = await this.ledger.update(
      tenant,
      binding.id,
      (standing) => unlocked(standing, { by: caller, at: this.clock.now() }),
      waiting,
    );
    return { account: binding.id, sequence };
  }
}
