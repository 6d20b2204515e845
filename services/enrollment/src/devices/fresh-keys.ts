import { Injectable } from '@nestjs/common';
import type { ExchangeReply } from '@countersign/contracts';
import type { Waiting } from '@countersign/ledger';
import type { OpenAccount } from '../accounts/accounts.js';
import { KeyService } from './key-service.js';
import { FIRST_EPOCH, NewDevices, type Plan } from './new-devices.js';

/** Devices whose key the HSM makes and wraps for the holder of one point. */
@Injectable()
export class FreshKeys {
  constructor(
    private readonly keys: KeyService,
    private readonly devices: NewDevices,
  ) {}

  /** Makes the key, keeps its record and the event, and only then hands it out. Throws what `NewDevices.keep` throws. */
  async enrol(account: OpenAccount, plan: Plan, clientPoint: string, waiting: Waiting): Promise<ExchangeReply> {
    const { tenant, id } = account;
    const parameters = { tenant, account: id, device: plan.id, epoch: FIRST_EPOCH, profile: plan.profile };
    const made = await this.keys.provision({ ...parameters, point: clientPoint }, waiting);
    const { device, sequence } = await this.devices.keep(account, plan, made.reference, waiting);
    const { point, wrapped, keyLength, signature } = made;
    return { ...parameters, point, wrapped, keyLength, signature, expiresAt: device.expiresAt as number, sequence };
  }
}
