import { Failure, type AccountId, type AccountReference, type Tenant } from '@countersign/contracts';
import { nothingToConfirm } from '@countersign/account';
import type { Directory, Tenants } from '@countersign/ledger';
import type { LRUCache } from 'lru-cache';
import { AccountPlace, type AccountParts } from './account-place.js';
import { NobodyPlace, nobodyKey, type NobodyParts } from './nobody-place.js';
import type { Place, Reading } from './place.js';

/** A binding as remembered: with the account's `names` count from before it was read, once that is known. */
export interface Remembered {
  id: AccountId;
  names?: number;
}

/** Where attempts are judged, by what leads there. */
export type Found = FoundByName | FoundById;

/** A device names its account by the id, which is no other account's, ever. */
interface FoundById {
  tenant: Tenant;
  canonicalName?: undefined;
  place: Place;
}

/** A name in its one form. */
interface FoundByName {
  tenant: Tenant;
  canonicalName: string;
  /** the name's place in the directory */
  key: string;
  place: Place;
  /** for a name that was unknown lately: where it leads now, read while its place is */
  binding?: Promise<AccountId | undefined>;
}

/**
 * Finds the place of a name. Bindings are remembered with the account's `names` count, which is raised before any name
 * changes: one remembered with another count is read again, and while names change each one is. That a name is unknown
 * is never remembered.
 */
export class PlaceFinder {
  constructor(
    private readonly directory: Directory,
    private readonly tenants: Tenants,
    private readonly accounts: AccountParts,
    private readonly nobody: NobodyParts,
    private readonly bindings: LRUCache<string, Remembered>,
  ) {}

  /** Throws INVALID_ARGUMENT for a name without a canonical form, UNAVAILABLE. */
  async find(tenant: Tenant, of: AccountReference): Promise<Found> {
    return 'id' in of
      ? { tenant, place: new AccountPlace(this.accounts, tenant, of.id) }
      : this.findByName(tenant, of.name);
  }

  private async findByName(tenant: Tenant, name: string): Promise<FoundByName> {
    const canonicalName = await this.tenants.canonicalName(tenant, name);
    const key = this.directory.key(tenant, canonicalName);
    const remembered = this.bindings.get(key);
    if (remembered === undefined && this.nobody.shadows.has(nobodyKey(tenant, key))) {
      const binding = this.read(tenant, canonicalName); // not waited for here: an account found before needs no read
      binding.catch(() => undefined); // awaited in leadsTo, if the attempt comes so far
      return { tenant, canonicalName, key, place: this.nobodyAt(tenant, key), binding };
    }
    const id = remembered?.id ?? (await this.read(tenant, canonicalName));
    if (id !== undefined && remembered === undefined) this.bindings.set(key, { id });
    const place = id === undefined ? this.nobodyAt(tenant, key) : new AccountPlace(this.accounts, tenant, id);
    return { tenant, canonicalName, key, place };
  }

  /** Whether the name still leads to this place, in the light of a reading of it. Otherwise find again. */
  async leadsTo(found: Found, { state, readAt }: Reading): Promise<boolean> {
    if (found.canonicalName === undefined) return true;
    const { tenant, canonicalName, key, place } = found;
    if (place instanceof NobodyPlace) return this.stillNobodys(found, readAt);
    const remembered = this.bindings.get(key); // another attempt may have found another account meanwhile
    const settled = state.renaming === undefined && !state.erased;
    if (settled && remembered?.id === place.id && remembered.names === state.names) return true;
    const id = await this.read(tenant, canonicalName);
    if (id === undefined || id !== place.id) {
      this.bindings.delete(key);
      return false;
    }
    this.bindings.set(key, settled ? { id, names: state.names } : { id });
    return true;
  }

  /** For a name that leads to an account which was never finished: it is nobody's yet. Throws NOT_FOUND for an id. */
  withoutAccount(found: Found, verb: string): Found {
    if (found.canonicalName === undefined) throw new Failure('NOT_FOUND', nothingToConfirm(verb));
    const { tenant, canonicalName, key } = found;
    this.bindings.delete(key);
    return { tenant, canonicalName, key, place: this.nobodyAt(tenant, key), binding: Promise.resolve(undefined) };
  }

  /** Reads as often as an account that is found for the first time, so that neither takes longer. */
  private async stillNobodys({ tenant, canonicalName, key, binding }: FoundByName, readAt: number): Promise<boolean> {
    const id = await (binding ?? (readAt === 0 ? undefined : this.read(tenant, canonicalName)));
    if (id === undefined) return true;
    this.bindings.set(key, { id });
    return false;
  }

  private async read(tenant: Tenant, canonicalName: string): Promise<AccountId | undefined> {
    return (await this.directory.find(tenant, canonicalName))?.id;
  }

  private nobodyAt(tenant: Tenant, key: string): Place {
    return new NobodyPlace(this.nobody, tenant, key);
  }
}
