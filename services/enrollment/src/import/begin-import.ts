import { Injectable } from '@nestjs/common';
import {
  Failure,
  parseDeviceId,
  type AccountId,
  type BegunImport,
  type DeviceId,
  type DeviceToImport,
  type Tenant,
} from '@countersign/contracts';
import { Ledger } from '@countersign/ledger';
import { Accounts, type OpenAccount } from '../accounts/accounts.js';
import { CreateAccount } from '../accounts/create-account.js';
import { FIRST_EPOCH, NewDevices } from '../devices/new-devices.js';
import { orFailed } from './or-failed.js';
import { sideBySide } from './side-by-side.js';

const LONGEST_LOOK = 64; // events; who has more since the record was written is looked at by a person

/** Decides, before a seed is wrapped, whose account a device is for and under which epoch, or that it is there already. */
@Injectable()
export class BeginImport {
  constructor(
    private readonly ledger: Ledger,
    private readonly accounts: Accounts,
    private readonly creating: CreateAccount,
    private readonly devices: NewDevices,
  ) {}

  begin(tenant: Tenant, devices: readonly DeviceToImport[]): Promise<BegunImport[]> {
    return sideBySide(
      devices,
      ({ account }) => account,
      (one) => orFailed(() => this.one(tenant, one)),
    );
  }

  private async one(tenant: Tenant, { account: name, device }: DeviceToImport): Promise<BegunImport> {
    const id = parseDeviceId(device);
    const account = await this.reserved(tenant, name);
    if (account === undefined) return this.at(await this.accounts.open(tenant, name), id);
    const epoch = account.fresh ? FIRST_EPOCH : await this.freeEpoch(tenant, account.id, id);
    return { kind: 'new', account: account.id, epoch };
  }

  /** The account of a name that had none. Its first event comes with its first device, which saves a write for each. */
  private async reserved(tenant: Tenant, name: string): Promise<{ id: AccountId; fresh: boolean } | undefined> {
    try {
      return await this.creating.reserve(tenant, [name]);
    } catch (error) {
      if (error instanceof Failure && error.code === 'CONFLICT') return undefined;
      throw error;
    }
  }

  private async at({ tenant, id: account, reading }: OpenAccount, device: DeviceId): Promise<BegunImport> {
    const there = this.devices.there({ tenant, id: account, reading }, device);
    return there === undefined
      ? { kind: 'new', account, epoch: await this.freeEpoch(tenant, account, device) }
      : { kind: 'there', account, ...there };
  }

  /**
   * A record that no state names is left by an import that was interrupted, or by a device that has gone: one that nobody
   * confirmed in time may come again, under the next epoch; one that was revoked may not, or importing a file again would
   * bring lost tokens back. Throws CONFLICT.
   */
  private async freeEpoch(tenant: Tenant, id: AccountId, device: DeviceId): Promise<number> {
    const record = await this.ledger.lastRecord(tenant, id, device);
    if (record === undefined) return FIRST_EPOCH;
    let at = record.sequence;
    for (let looked = 0; looked < LONGEST_LOOK; looked += 1) {
      const event = await this.ledger.accountAfter(tenant, id, at);
      if (event === undefined) return record.epoch + 1;
      if (event.state.devices.some((each) => each.id === device && each.status === 'revoked'))
        throw new Failure('CONFLICT', 'the device was imported once, and was revoked');
      at = event.sequence;
    }
    throw new Failure(
      'CONFLICT',
      'the device was imported once; too much has happened since to tell whether it was revoked',
    );
  }
}
