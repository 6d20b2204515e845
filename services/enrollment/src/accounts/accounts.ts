import { Injectable } from '@nestjs/common';
import { Failure, type AccountId, type Tenant } from '@countersign/contracts';
import { Directory, Ledger, Tenants, type AccountReading } from '@countersign/ledger';

/** An account that exists, as the ledger's leader has it. */
export interface OpenAccount {
  tenant: Tenant;
  id: AccountId;
  reading: AccountReading;
}

/** Accounts by the names that people have for them. */
@Injectable()
export class Accounts {
  constructor(
    private readonly ledger: Ledger,
    private readonly directory: Directory,
    private readonly tenants: Tenants,
  ) {}

  /** Throws NOT_FOUND, also for a name whose account was never finished; UNAVAILABLE, ROLLBACK. */
  async open(tenant: Tenant, name: string): Promise<OpenAccount> {
    return this.byId(tenant, await this.idOf(tenant, name));
  }

  /** Throws NOT_FOUND, UNAVAILABLE, ROLLBACK. */
  async byId(tenant: Tenant, id: AccountId): Promise<OpenAccount> {
    this.ledger.assertUsable();
    const reading = await this.ledger.account(tenant, id);
    if (reading === undefined || reading.state.erased) throw noSuchAccount();
    return { tenant, id, reading };
  }

  /** What a name points to, whether or not that account exists yet. Throws NOT_FOUND, UNAVAILABLE, ROLLBACK. */
  async idOf(tenant: Tenant, name: string): Promise<AccountId> {
    this.ledger.assertUsable();
    const binding = await this.directory.find(tenant, await this.tenants.canonicalName(tenant, name));
    if (binding === undefined) throw noSuchAccount();
    return binding.id;
  }
}

const noSuchAccount = (): Failure => new Failure('NOT_FOUND', 'there is no such account');
