import { Inject, Injectable } from '@nestjs/common';
import {
  STATE_VERSION,
  aged,
  enrolled,
  imported,
  recoveryIssued,
  sheetIssued,
  type AccountEvent,
  type Beginning,
  type DeviceRecord,
  type DeviceState,
  type Standing,
} from '@countersign/account';
import {
  Failure,
  ocraProfile,
  type Caller,
  type DeviceId,
  type KeyProfile,
  type Policy,
  type Profile,
} from '@countersign/contracts';
import { Ledger, inTime, type Waiting } from '@countersign/ledger';
import type { Clock } from '@countersign/runtime';
import type { OpenAccount } from '../accounts/accounts.js';
import { CLOCK } from '../parts.js';
import { thawed } from './thawed.js';

export const FIRST_EPOCH = 1;

/** A device as it is to be, whatever way its secret comes to be shared. */
export interface Plan<Made extends KeyProfile = Profile> {
  id: DeviceId;
  /** of its key; left out: the first */
  epoch?: number;
  method: DeviceRecord['method'];
  profile: Made;
  status: Beginning;
  namedOnly: boolean;
  /** the device that is revoked when this one is active */
  replaces?: DeviceId | undefined;
  /** of method `sheet` */
  sheet?: { codes: number; expiresAt: number };
  /** the tenant's */
  policy: Policy;
  /** the caller that asks */
  by: Caller;
  /** whether, as the account stands when the device is added, it may be; absent: nothing else speaks against it */
  holds?: (now: Standing) => boolean;
}

export interface Kept {
  device: DeviceState;
  sequence: number;
}

/** Brings new devices into accounts: first the key's record, then the event whose state names it. */
@Injectable()
export class NewDevices {
  constructor(
    private readonly ledger: Ledger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A device that the account has, as a pending one that nobody confirmed in time is not. */
  there(
    { reading: { state, sequence } }: OpenAccount,
    id: DeviceId,
  ): (Pick<DeviceState, 'status'> & { sequence: number }) | undefined {
    const device = aged(state, sequence, this.clock.now()).devices.find((each) => each.id === id);
    return device && { status: device.status, sequence };
  }

  /** Throws what `keep` would be refused for, so that no key is made in vain: LIMIT, CONFLICT. */
  admit({ reading }: OpenAccount, plan: Plan<KeyProfile>): void {
    const { profile, policy } = plan;
    if (profile.digits < policy.minDigits)
      throw new Failure('LIMIT', `this tenant enrols devices with at least ${policy.minDigits} digits`);
    this.added(reading, plan, 0);
  }

  /**
   * Keeps a key that exists. Until the event is stored the record is void: a failure before that leaves nothing behind
   * that counts. Throws LIMIT, CONFLICT, UNAVAILABLE, and OUTCOME_UNKNOWN when the event may have been stored.
   * `from`: the account as it was read already, which saves reading it again.
   */
  async keep(
    { tenant, id }: OpenAccount,
    plan: Plan<KeyProfile>,
    reference: string,
    waiting: Waiting,
    from?: Standing,
  ): Promise<Kept> {
    const { profile, method, by, epoch = FIRST_EPOCH } = plan;
    const record = { type: 'record', v: STATE_VERSION, device: plan.id, epoch, method } as const;
    const written = this.ledger.writeRecord(tenant, id, { ...record, profile, reference, at: this.clock.now(), by });
    const at = await inTime(written, waiting).catch(nothingCounts);
    const add = (now: Standing): AccountEvent => {
      if (plan.holds?.(now) === false)
        throw new Failure('CONFLICT', 'what permitted this device does not hold any more');
      return this.added(now, plan, at);
    };
    const standing = await this.ledger.update(tenant, id, add, waiting, from);
    const device = standing.state.devices.find((each) => each.id === plan.id);
    if (device === undefined) throw new Error(`device ${plan.id} is not in the state that was stored`);
    return { device, sequence: standing.sequence };
  }

  private added(
    standing: Standing,
    { id, epoch = FIRST_EPOCH, profile, method, status, namedOnly, replaces, sheet, by, policy }: Plan<KeyProfile>,
    record: number,
  ): AccountEvent {
    const floor = isCounted(profile) ? profile.counter : 0;
    const paired = method === 'pin' && { paired: true as const };
    const device = {
      id,
      type: profile.type,
      epoch,
      record,
      floor,
      namedOnly,
      ...paired,
      ...(replaces && { replaces }),
    };
    const change = { by, at: this.clock.now(), policy };
    switch (method) {
      case 'import':
        return imported(thawed(standing), device, status, change);
      case 'recovery':
        return recoveryIssued(thawed(standing), device, change);
      case 'sheet':
        if (sheet === undefined) throw new Error('a sheet is planned with its codes');
        return sheetIssued(thawed(standing), device, sheet, change);
      default:
        return enrolled(thawed(standing), device, change);
    }
  }
}

const isCounted = (profile: KeyProfile): boolean =>
  profile.type === 'hotp' || (profile.type === 'ocra' && ocraProfile(profile.suite!).counted);

/** A record whose outcome is not known is as void as one that was not written. */
export function nothingCounts(error: unknown): never {
  if (error instanceof Failure && error.code === 'OUTCOME_UNKNOWN')
    throw new Failure('UNAVAILABLE', 'the ledger did not take the record in time; nothing was decided', {
      cause: error,
    });
  throw error;
}
