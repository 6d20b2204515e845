import type { AccountEvent, DeviceRecord, Standing } from '@countersign/account';
import { Failure, type AccountId, type Tenant } from '@countersign/contracts';
import {
  canonicalName,
  type AccountNames,
  type Appended,
  type Binding,
  type Directory,
  type Ledger,
  type NameList,
  type Tenants,
} from '@countersign/ledger';

/** Ledger, directory and tenants in memory, with the comparison of the real ones, for tests of what enrolment decides. */
export class MemoryLedger {
  readonly accounts = new Map<string, Standing>();
  readonly records: Omit<DeviceRecord, 'nonce'>[] = [];
  private readonly recordsAt = new Map<number, Omit<DeviceRecord, 'nonce'>>();
  readonly names = new Map<string, Binding>();
  readonly listed = new Map<string, NameList>();
  sequence = 0;
  /** runs before each append and each binding: what somebody else does in between */
  meanwhile: () => Promise<void> | void = () => undefined;

  get ledger(): Ledger {
    const parts: Partial<Ledger> = {
      assertUsable: () => undefined,
      account: (tenant, id) => Promise.resolve(this.accounts.get(`${tenant}.${id}`) as never),
      append: (tenant, id, event, after) => this.append(tenant, id, event, after),
      update: (tenant, id, change, _waiting, from) => this.update(tenant, id, change, from),
      writeRecord: (_tenant, _id, record) => this.write(record),
      addRecord: (_tenant, _id, record) => this.write(record),
      record: (sequence) => Promise.resolve(this.recordsAt.get(sequence) as DeviceRecord),
    };
    return parts as Ledger;
  }

  get directory(): Directory {
    const parts: Partial<Directory> = {
      find: (tenant, name) => Promise.resolve(this.names.get(`${tenant}.${name}`)),
      bind: async (tenant, name, id) => {
        await this.meanwhile();
        const key = `${tenant}.${name}`;
        if (!this.names.has(key)) this.names.set(key, { id, sequence: (this.sequence += 1) });
        return this.names.get(key) as Binding;
      },
      erase: async (tenant, name, found) => {
        await this.meanwhile();
        const key = `${tenant}.${name}`;
        if (this.names.get(key)?.sequence === found.sequence) this.names.delete(key);
      },
    };
    return parts as Directory;
  }

  get lists(): AccountNames {
    const read = (key: string): NameList => this.listed.get(key) ?? { names: [], leaving: [] };
    const parts: Partial<AccountNames> = {
      read: (tenant, id) => Promise.resolve({ ...read(`${tenant}.${id}`), sequence: 0 }),
      change: async (tenant, id, change) => {
        const key = `${tenant}.${id}`;
        for (;;) {
          const before = read(key);
          const now = await change(before);
          if (read(key) !== before && this.listed.has(key)) continue; // somebody was faster
          this.listed.set(key, now);
          return { before, now };
        }
      },
    };
    return parts as AccountNames;
  }

  get tenants(): Tenants {
    const parts: Partial<Tenants> = { canonicalName: (_, name) => Promise.resolve(canonicalName(name, 'fold')) };
    return parts as Tenants;
  }

  private write(record: Omit<DeviceRecord, 'nonce'>): Promise<number> {
    this.records.push(record);
    this.recordsAt.set((this.sequence += 1), record);
    return Promise.resolve(this.sequence);
  }

  private async append(tenant: Tenant, id: AccountId, event: AccountEvent, after: number): Promise<Appended> {
    await this.meanwhile();
    const last = this.accounts.get(`${tenant}.${id}`)?.sequence ?? 0;
    if (last !== after) return { kind: 'conflict', last };
    this.accounts.set(`${tenant}.${id}`, { state: event.state, sequence: (this.sequence += 1) });
    return { kind: 'stored', sequence: this.sequence };
  }

  private async update(
    tenant: Tenant,
    id: AccountId,
    change: (standing: Standing) => AccountEvent | undefined,
    from?: Standing,
  ): Promise<Standing> {
    for (let known = from; ; known = undefined) {
      const standing = known ?? this.accounts.get(`${tenant}.${id}`);
      if (standing === undefined) throw new Failure('NOT_FOUND');
      const event = change(standing);
      if (event === undefined) return standing;
      const appended = await this.append(tenant, id, event, standing.sequence);
      if (appended.kind === 'stored') return { state: event.state, sequence: appended.sequence };
    }
  }
}
