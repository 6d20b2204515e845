import { Inject, Injectable } from '@nestjs/common';
import {
  DEVICE_ID_LENGTH,
  parseDeviceId,
  profileOf,
  type Asker,
  type KeyProfile,
  type NewDeviceRequest,
  type Profile,
} from '@countersign/contracts';
import { randomId, type Random } from '@countersign/runtime';
import type { OpenAccount } from '../accounts/accounts.js';
import { RANDOM } from '../parts.js';
import { TenantPolicy } from '../policy/tenant-policy.js';
import { NewDevices, type Plan } from './new-devices.js';
import { replacedIn } from './replaced.js';

/** What a request, a session or an invitation says of a device that is to be; without `status` it is pending. */
export type Wanted<Of extends KeyProfile = Profile> = Pick<Plan<Of>, 'method' | 'profile' | 'replaces' | 'sheet'> &
  Partial<Pick<Plan, 'status' | 'namedOnly'>>;

/** Plans devices whose id the platform draws. */
@Injectable()
export class Plans {
  constructor(
    private readonly devices: NewDevices,
    private readonly policy: TenantPolicy,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  /** As the request says. Throws NOT_FOUND for what it would replace; LIMIT, CONFLICT, UNAVAILABLE. */
  async asked(
    account: OpenAccount,
    by: Asker,
    method: Plan['method'],
    request: Omit<NewDeviceRequest, 'account'>,
  ): Promise<Plan> {
    const replaces = replacedIn(account.reading, request.replaces);
    const { namedOnly = false } = request;
    return this.admitted(account, by, { method, profile: profileOf(request), namedOnly, replaces });
  }

  /** Throws what `NewDevices.keep` would be refused for, so that no key is made in vain: LIMIT, CONFLICT; UNAVAILABLE. */
  async admitted<Of extends KeyProfile>(account: OpenAccount, by: Asker, wanted: Wanted<Of>): Promise<Plan<Of>> {
    const plan: Plan<Of> = { status: 'pending', namedOnly: false, ...wanted, ...(await this.begun(by)) };
    this.devices.admit(account, plan);
    return plan;
  }

  /** What each plan begins with. Throws UNAVAILABLE. */
  async begun({ tenant, caller }: Asker): Promise<Pick<Plan, 'id' | 'by' | 'policy'>> {
    const { policy } = await this.policy.now(tenant);
    return { id: parseDeviceId(randomId(this.random, DEVICE_ID_LENGTH)), by: caller, policy };
  }
}
