import { Injectable } from '@nestjs/common';
import {
  Failure,
  parseAccountId,
  parseDeviceId,
  profileOf,
  type Asker,
  type BatchedImport,
  type BatchedReply,
  type ImportBatchRequest,
  type ImportedKey,
  type Policy,
} from '@countersign/contracts';
import type { Waiting } from '@countersign/ledger';
import { Accounts, type OpenAccount } from '../accounts/accounts.js';
import { checkClientPoint } from '../devices/client-point.js';
import { KeyService } from '../devices/key-service.js';
import { NewDevices, type Plan } from '../devices/new-devices.js';
import { TenantPolicy } from '../policy/tenant-policy.js';
import { beginningOf } from './beginning.js';
import { orFailed } from './or-failed.js';
import { sideBySide } from './side-by-side.js';
import { checkWrappedSeed, referenceOf } from './wrapped-seed.js';

/** A device whose key may be made. */
interface Admitted {
  kind: 'admitted';
  account: OpenAccount;
  plan: Plan & { epoch: number };
  wrapped: string;
}

/** Takes in many seeds at once: each is admitted for itself, the HSM is asked for all, each is kept for itself. */
@Injectable()
export class ImportBatch {
  constructor(
    private readonly accounts: Accounts,
    private readonly keys: KeyService,
    private readonly devices: NewDevices,
    private readonly policy: TenantPolicy,
  ) {}

  /** One answer a device. Throws INVALID_ARGUMENT for the point, UNAVAILABLE when the HSM does not answer: nothing is written. */
  async import(asker: Asker, request: ImportBatchRequest, waiting: Waiting): Promise<BatchedReply[]> {
    checkClientPoint(request.point);
    const { policy } = await this.policy.now(asker.tenant);
    const looked = await sideBySide(request.devices, accountOf, (item) =>
      orFailed(() => this.admitted(asker, request, item, policy)),
    );
    const admitted = looked.filter((each) => each.kind === 'admitted');
    const keys = await this.keysOf(request.point, admitted, waiting);
    return sideBySide(
      looked,
      (each) => (each.kind === 'admitted' ? each.account.id : ''),
      async (each) =>
        each.kind === 'admitted' ? orFailed(() => this.kept(each, keys.get(each) as ImportedKey, waiting)) : each,
    );
  }

  private async admitted(
    { tenant, caller }: Asker,
    { activate, namedOnly = false }: ImportBatchRequest,
    item: BatchedImport,
    policy: Policy,
  ): Promise<Admitted | BatchedReply> {
    const profile = profileOf(item);
    checkWrappedSeed(profile.algorithm, item.wrapped);
    const account = await this.accounts.byReservedId(tenant, parseAccountId(item.id));
    const plan = {
      id: parseDeviceId(item.device),
      epoch: item.epoch,
      method: 'import',
      profile,
      status: beginningOf(activate, policy),
      namedOnly,
      by: caller,
      policy,
    } as const;
    const there = this.devices.there(account, plan.id);
    if (there !== undefined) return { kind: 'there', ...there };
    this.devices.admit(account, plan);
    return { kind: 'admitted', account, plan, wrapped: item.wrapped };
  }

  private async keysOf(point: string, admitted: Admitted[], waiting: Waiting): Promise<Map<Admitted, ImportedKey>> {
    if (admitted.length === 0) return new Map();
    const seeds = admitted.map(
      ({ account: { tenant, id: account }, plan: { id: device, epoch, profile }, wrapped }) => ({
        ...{ tenant, account, device, epoch, profile },
        wrapped,
      }),
    );
    const results = await this.keys.import({ point, seeds }, waiting);
    return new Map(admitted.map((each, at) => [each, results[at] as ImportedKey]));
  }

  private async kept({ account, plan }: Admitted, key: ImportedKey, waiting: Waiting): Promise<BatchedReply> {
    const reference = referenceOf(key, plan.profile.algorithm);
    try {
      const { device, sequence } = await this.devices.keep(account, plan, reference, waiting, account.reading);
      const { status, expiresAt } = device;
      return { kind: 'imported', status, ...(expiresAt !== undefined && { expiresAt }), sequence };
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'CONFLICT')) throw error;
      const there = this.devices.there(await this.accounts.byReservedId(account.tenant, account.id), plan.id);
      if (there !== undefined) return { kind: 'there', ...there }; // another one was faster
      const detail = 'an import of this device is under way, or was interrupted; begin it again';
      throw new Failure('UNAVAILABLE', detail, { cause: error });
    }
  }
}

const accountOf = ({ id }: BatchedImport): string => id;
