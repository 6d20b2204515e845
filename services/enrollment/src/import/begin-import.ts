import { Injectable } from '@nestjs/common';
import {
  Failure,
  parseDeviceId,
  type Asker,
  type BegunImport,
  type DeviceId,
  type DeviceToImport,
} from '@countersign/contracts';
import { Ledger, type Waiting } from '@countersign/ledger';
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

  begin(asker: Asker, devices: readonly DeviceToImport[], waiting: Waiting): Promise<BegunImport[]> {
    return sideBySide(
      devices,
      ({ account }) => account,
      (one) => orFailed(() => this.one(asker, one, waiting)),
    );
  }

  private async one(asker: Asker, { account: name, device }: DeviceToImport, waiting: Waiting): Promise<BegunImport> {
    const id = parseDeviceId(device);
    const account = await this.found(asker, name);
    if (account !== undefined) return this.at(account, id);
    try {
      const made = await this.creating.create(asker, [name], waiting);
      return { kind: 'new', account: made.id, epoch: FIRST_EPOCH };
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'CONFLICT')) throw error;
      return this.at(await this.accounts.open(asker.tenant, name), id); // another one was faster
    }
  }

  private async found({ tenant }: Asker, name: string): Promise<OpenAccount | undefined> {
    try {
      return await this.accounts.open(tenant, name);
    } catch (error) {
      if (error instanceof Failure && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  private async at(account: OpenAccount, id: DeviceId): Promise<BegunImport> {
    const there = this.devices.there(account, id);
    return there === undefined
      ? { kind: 'new', account: account.id, epoch: await this.freeEpoch(account, id) }
      : { kind: 'there', account: account.id, ...there };
  }

  /**
   * A record that no state names is left by an import that was interrupted, or by a device that has gone: one that nobody
   * confirmed in time may come again, under the next epoch; one that was revoked may not, or importing a file again would
   * bring lost tokens back. Throws CONFLICT.
   */
  private async freeEpoch({ tenant, id }: OpenAccount, device: DeviceId): Promise<number> {
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
