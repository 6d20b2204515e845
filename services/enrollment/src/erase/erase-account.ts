import { Inject, Injectable } from '@nestjs/common';
import { erased } from '@countersign/account';
import type { AccountId, Asker, EraseReply, Tenant } from '@countersign/contracts';
import { AccountNames, Directory, Ledger, Tenants, inTime, type Waiting } from '@countersign/ledger';
import type { Clock } from '@countersign/runtime';
import { Accounts } from '../accounts/accounts.js';
import { CLOCK } from '../parts.js';

/**
 * Forgets whose account it was. First the event, from which on no code opens it and nothing is added; then every name, the
 * one that was asked with last: whoever asks with it again after a crash in between finishes what is left.
 */
@Injectable()
export class EraseAccount {
  constructor(
    private readonly accounts: Accounts,
    private readonly ledger: Ledger,
    private readonly directory: Directory,
    private readonly lists: AccountNames,
    private readonly tenants: Tenants,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws NOT_FOUND, also once it is done; UNAVAILABLE, OUTCOME_UNKNOWN: ask again. */
  async erase({ tenant, caller: by }: Asker, name: string, waiting: Waiting): Promise<EraseReply> {
    const id = await this.accounts.idOf(tenant, name);
    const asked = await this.tenants.canonicalName(tenant, name);
    const change = { by, at: this.clock.now() };
    const { sequence } = await this.ledger.update(tenant, id, (standing) => erased(standing, change), waiting);
    const work = this.freeNames(tenant, id, asked);
    work.catch(() => undefined); // it may end after the deadline has answered
    await inTime(work, waiting);
    return { id, sequence };
  }

  private async freeNames(tenant: Tenant, id: AccountId, asked: string): Promise<void> {
    const { names, leaving } = await this.lists.read(tenant, id);
    const others = new Set([...names, ...leaving]);
    others.delete(asked);
    for (const name of others) await this.free(tenant, id, name);
    await this.lists.change(tenant, id, () => ({ names: [], leaving: [] }));
    await this.free(tenant, id, asked);
  }

  /** A name may have gone to another account by now. */
  private async free(tenant: Tenant, id: AccountId, name: string): Promise<void> {
    const binding = await this.directory.find(tenant, name);
    if (binding?.id === id) await this.directory.erase(tenant, name, binding);
  }
}
