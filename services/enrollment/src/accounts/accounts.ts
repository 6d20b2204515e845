import { Injectable } from '@nestjs/common';
import { newAccount, type Standing } from '@countersign/account';
import { Failure, type AccountId, type Tenant } from '@countersign/contracts';
import { AccountNames, Directory, Ledger, Tenants } from '@countersign/ledger';

/** An account as the ledger's leader has it. */
export interface OpenAccount {
  tenant: Tenant;
  id: AccountId;
  reading: Standing;
}

/** Accounts by the names that people have for them. */
@Injectable()
export class Accounts {
  constructor(
    private readonly ledger: Ledger,
    private readonly directory: Directory,
    private readonly lists: AccountNames,
    private readonly tenants: Tenants,
  ) {}

  /** Throws NOT_FOUND, also for a name whose account was never finished; UNAVAILABLE, ROLLBACK. */
  async open(tenant: Tenant, name: string): Promise<OpenAccount> {
    return this.byId(tenant, await this.idOf(tenant, name));
  }

  /** Throws NOT_FOUND, UNAVAILABLE, ROLLBACK. */
  async byId(tenant: Tenant, id: AccountId): Promise<OpenAccount> {
    this.ledger.assertUsable();
    return lasting(tenant, id, await this.ledger.account(tenant, id));
  }

  /**
   * As `byId`; an account that has names and no event yet is an empty one, after sequence 0. Throws NOT_FOUND also for an
   * id that no name was given.
   */
  async byReservedId(tenant: Tenant, id: AccountId): Promise<OpenAccount> {
    this.ledger.assertUsable();
    const reading = (await this.ledger.account(tenant, id)) ?? (await this.reserved(tenant, id));
    return lasting(tenant, id, reading);
  }

  /** What a name points to, whether or not that account exists yet. Throws NOT_FOUND, UNAVAILABLE, ROLLBACK. */
  async idOf(tenant: Tenant, name: string): Promise<AccountId> {
    this.ledger.assertUsable();
    const binding = await this.directory.find(tenant, await this.tenants.canonicalName(tenant, name));
    if (binding === undefined) throw noSuchAccount();
    return binding.id;
  }

  private async reserved(tenant: Tenant, id: AccountId): Promise<Standing | undefined> {
    const { names } = await this.lists.read(tenant, id);
    return names.length === 0 ? undefined : { state: newAccount(), sequence: 0 };
  }
}

function lasting(tenant: Tenant, id: AccountId, reading: Standing | undefined): OpenAccount {
  if (reading === undefined || reading.state.erased) throw noSuchAccount();
  return { tenant, id, reading };
}

const noSuchAccount = (): Failure => new Failure('NOT_FOUND', 'there is no such account');
