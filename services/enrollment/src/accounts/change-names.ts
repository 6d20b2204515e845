import { Inject, Injectable } from '@nestjs/common';
import { renamed, renaming, type Standing } from '@countersign/account';
import {
  Failure,
  MAX_NAMES,
  type AccountId,
  type AccountNamesReply,
  type AccountNamesRequest,
  type Asker,
  type Tenant,
} from '@countersign/contracts';
import { AccountNames, Directory, Ledger, Tenants, inTime, type Binding, type Waiting } from '@countersign/ledger';
import type { Clock } from '@countersign/runtime';
import { thawed } from '../devices/thawed.js';
import { CLOCK } from '../parts.js';
import { Accounts } from './accounts.js';

/** Names in their one form. */
interface Wish {
  add: string[];
  remove: string[];
}

/** Bindings of this account by name, as found before its list was changed. */
type Bound = Map<string, Binding>;

const TO_THE_END: Waiting = { remainingMs: () => 60_000 }; // what was begun is finished, whoever waits

/**
 * Shows and changes what an account is called. In this order, so that a crash in between leaves no name that opens an
 * account unseen: the list says what shall be; `renaming` ends what anybody remembers of the names; bindings are made and
 * erased; the list forgets what is gone; `renamed` lets names be remembered again. The next change finishes what one
 * before it left.
 */
@Injectable()
export class ChangeNames {
  constructor(
    private readonly accounts: Accounts,
    private readonly ledger: Ledger,
    private readonly directory: Directory,
    private readonly lists: AccountNames,
    private readonly tenants: Tenants,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Throws NOT_FOUND; CONFLICT for a name that is another account's; LIMIT for the last name, and for more than 8;
   * OUTCOME_UNKNOWN, UNAVAILABLE.
   */
  async names(asker: Asker, request: AccountNamesRequest, waiting: Waiting): Promise<AccountNamesReply> {
    const { tenant } = asker;
    const { id, reading } = await this.accounts.open(tenant, request.account);
    const wish = {
      add: await this.canonical(tenant, request.add),
      remove: await this.canonical(tenant, request.remove),
    };
    const asked = await this.tenants.canonicalName(tenant, request.account);
    if (wish.add.some((name) => wish.remove.includes(name)))
      throw new Failure('INVALID_ARGUMENT', 'a name cannot be added and removed at once');
    if (wish.add.length > 0) thawed(reading);
    let { sequence } = reading;
    if (wish.add.length + wish.remove.length > 0) {
      const work = this.change(asker, id, asked, wish);
      work.catch(() => undefined); // it may end after the deadline has answered
      sequence = (await inTime(work, waiting))?.sequence ?? sequence;
    }
    return { id, names: await this.boundNames(tenant, id, asked), sequence };
  }

  private async canonical(tenant: Tenant, names: string[] = []): Promise<string[]> {
    return [...new Set(await Promise.all(names.map((name) => this.tenants.canonicalName(tenant, name))))];
  }

  /** Undefined: it was so already. */
  private async change(asker: Asker, id: AccountId, asked: string, wish: Wish): Promise<Standing | undefined> {
    const { tenant } = asker;
    let bound: Bound = new Map();
    const { before, now } = await this.lists.change(tenant, id, async ({ names, leaving }) => {
      bound = await this.bindings(tenant, id, [asked, ...names, ...leaving, ...wish.add, ...wish.remove], wish);
      const had = bound.has(asked) && !leaving.includes(asked) ? [asked, ...names] : names;
      const wanted = unique([...had, ...wish.add]).filter((name) => !wish.remove.includes(name));
      if (wanted.length === 0) throw new Failure('LIMIT', 'the last name of an account cannot be removed');
      if (wanted.length > MAX_NAMES) throw new Failure('LIMIT', `an account has at most ${MAX_NAMES} names`);
      const going = unique([...leaving, ...wish.remove]).filter((name) => bound.has(name) && !wanted.includes(name));
      return { names: wanted, leaving: going };
    });
    const again = now.names.filter((name) => before.leaving.includes(name) && bound.has(name)); // its erasure may be on its way
    const free = now.names.filter((name) => !bound.has(name) || again.includes(name));
    if (free.length + now.leaving.length === 0) return undefined;
    const by = (): { by: string; at: number } => ({ by: asker.caller, at: this.clock.now() });
    await this.ledger.update(tenant, id, (standing) => renaming(standing, by()), TO_THE_END);
    for (const name of [...now.leaving, ...again]) await this.directory.erase(tenant, name, bound.get(name) as Binding);
    const lost: string[] = [];
    for (const name of free) if ((await this.directory.bind(tenant, name, id)).id !== id) lost.push(name);
    await this.lists.change(tenant, id, ({ names, leaving }) => ({
      names: names.filter((name) => !lost.includes(name)),
      leaving: leaving.filter((name) => !now.leaving.includes(name)),
    }));
    const counts = { added: free.length - lost.length - again.length, removed: now.leaving.length };
    const standing = await this.ledger.update(tenant, id, (each) => renamed(each, counts, by()), TO_THE_END);
    if (lost.some((name) => wish.add.includes(name))) throw taken();
    return standing;
  }

  /** Throws CONFLICT when a wished name is another account's. */
  private async bindings(tenant: Tenant, id: AccountId, names: string[], { add, remove }: Wish): Promise<Bound> {
    const bound: Bound = new Map();
    for (const name of unique(names)) {
      const binding = await this.directory.find(tenant, name);
      if (binding?.id === id) bound.set(name, binding);
      else if (binding !== undefined && [...add, ...remove].includes(name)) throw taken();
    }
    return bound;
  }

  /** Every name that leads here now. */
  private async boundNames(tenant: Tenant, id: AccountId, asked: string): Promise<string[]> {
    const { names, leaving } = await this.lists.read(tenant, id);
    const all = unique([asked, ...names, ...leaving]);
    const bound = await this.bindings(tenant, id, all, { add: [], remove: [] });
    return [...bound.keys()].sort();
  }
}

const unique = (names: string[]): string[] => [...new Set(names)];
const taken = (): Failure => new Failure('CONFLICT', 'a name belongs to another account');
