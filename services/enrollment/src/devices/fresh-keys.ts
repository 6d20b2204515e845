import { Injectable } from '@nestjs/common';
import type { DeviceState } from '@countersign/account';
import type { ExchangeReply, WrappedProfile, NewKeyReply } from '@countersign/contracts';
import type { Waiting } from '@countersign/ledger';
import type { OpenAccount } from '../accounts/accounts.js';
import { KeyService } from './key-service.js';
import { FIRST_EPOCH, NewDevices, type Plan } from './new-devices.js';

export interface Made<Of extends WrappedProfile> {
  reply: NewKeyReply & { profile: Of };
  device: DeviceState;
}

/** Devices whose key the HSM makes and wraps for the holder of one point. */
@Injectable()
export class FreshKeys {
  constructor(
    private readonly keys: KeyService,
    private readonly devices: NewDevices,
  ) {}

  /** A device that waits for its first code. Throws as `made` does. */
  async enrol(account: OpenAccount, plan: Plan, clientPoint: string, waiting: Waiting): Promise<ExchangeReply> {
    const { reply, device } = await this.made(account, plan, clientPoint, waiting);
    return { ...reply, expiresAt: device.expiresAt as number };
  }

  /** Makes the key, keeps its record and the event, and only then hands it out. Throws what `NewDevices.keep` throws. */
  async made<Of extends WrappedProfile>(
    account: OpenAccount,
    plan: Plan<Of>,
    clientPoint: string,
    waiting: Waiting,
  ): Promise<Made<Of>> {
    const { tenant, id } = account;
    const parameters = { tenant, account: id, device: plan.id, epoch: FIRST_EPOCH, profile: plan.profile };
    const made = await this.keys.provision({ ...parameters, point: clientPoint }, waiting);
    const { device, sequence } = await this.devices.keep(account, plan, made.reference, waiting);
    const { point, wrapped, keyLength, signature } = made;
    return { reply: { ...parameters, point, wrapped, keyLength, signature, sequence }, device };
  }
}
