import { Inject, Injectable } from '@nestjs/common';
import { created } from '@countersign/account';
import {
  ACCOUNT_ID_LENGTH,
  Failure,
  parseAccountId,
  type AccountId,
  type Asker,
  type CreateAccountReply,
  type Tenant,
} from '@countersign/contracts';
import { AccountNames, Directory, Ledger, Tenants, inTime, type NameList, type Waiting } from '@countersign/ledger';
import { randomId, type Clock, type Random } from '@countersign/runtime';
import { CLOCK, RANDOM } from '../parts.js';

const TRIES = 4; // each is lost only to somebody who took one of the names meanwhile

/**
 * Creates an account: its names first, then the account under the id that the names hold. Whoever finds these
 * names without an account, after a crash or beside another creation of the same, goes on with their id; the ledger lets
 * one creation win.
 */
@Injectable()
export class CreateAccount {
  constructor(
    private readonly ledger: Ledger,
    private readonly directory: Directory,
    private readonly lists: AccountNames,
    private readonly tenants: Tenants,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  /**
   * Throws CONFLICT when a name is an existing account's, or was given together with other names; OUTCOME_UNKNOWN.
   */
  async create({ tenant, caller }: Asker, wanted: string[], waiting: Waiting): Promise<CreateAccountReply> {
    const { id } = await this.reserve(tenant, wanted);
    const event = created({ by: caller, at: this.clock.now() });
    const appended = await inTime(this.ledger.append(tenant, id, event, 0), waiting);
    if (appended.kind === 'conflict') throw taken();
    return { id, sequence: appended.sequence };
  }

  /**
   * The id that these names lead to from now on; its account begins with its first event, whoever writes it. `fresh`: the
   * id was drawn just now, and nobody else has it. Throws CONFLICT as `create` does.
   */
  async reserve(tenant: Tenant, wanted: string[]): Promise<{ id: AccountId; fresh: boolean }> {
    this.ledger.assertUsable();
    return this.bind(tenant, await this.canonical(tenant, wanted));
  }

  /** Sorted, so that two creations of the same names meet at the first one and not crosswise. */
  private async canonical(tenant: Tenant, wanted: string[]): Promise<string[]> {
    const names = await Promise.all(wanted.map((name) => this.tenants.canonicalName(tenant, name)));
    return [...new Set(names)].sort();
  }

  /** Makes all names point to one id, which has no account yet. */
  private async bind(tenant: Tenant, names: string[]): Promise<{ id: AccountId; fresh: boolean }> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const held = await this.idHeld(tenant, names);
      const id = held ?? parseAccountId(randomId(this.random, ACCOUNT_ID_LENGTH));
      const fresh = held === undefined;
      if (await this.bindAll(tenant, names, id, fresh)) return { id, fresh };
    }
    throw new Failure('UNAVAILABLE', 'others kept taking these names; nothing was created', { retryAfterMs: 100 });
  }

  private async idHeld(tenant: Tenant, names: string[]): Promise<AccountId | undefined> {
    const held = await Promise.all(names.map((name) => this.directory.find(tenant, name)));
    const ids = [...new Set(held.flatMap((binding) => (binding === undefined ? [] : [binding.id])))];
    for (const id of ids) if ((await this.ledger.account(tenant, id)) !== undefined) throw taken();
    if (ids.length > 1) throw new Failure('CONFLICT', 'the names were given to different accounts');
    return ids[0];
  }

  /**
   * The account's list of names knows them before they are bound. It also says for which names the id was drawn: a
   * creation of others would, when it loses, leave its own leading to an account that somebody else was given.
   */
  private async bindAll(tenant: Tenant, names: string[], id: AccountId, fresh: boolean): Promise<boolean> {
    const named = (list: NameList): NameList => {
      if (list.names.length > 0 && list.names.join('\0') !== names.join('\0')) throw unfinished();
      return { ...list, names };
    };
    await this.lists.change(tenant, id, named, fresh);
    for (const name of names) if ((await this.directory.bind(tenant, name, id)).id !== id) return false;
    return true;
  }
}

const unfinished = (): Failure =>
  new Failure('CONFLICT', 'a name was given to an account with other names, whose creation did not end');
const taken = (): Failure => new Failure('CONFLICT', 'a name belongs to an account already');
