import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { DeviceState } from '@countersign/account';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import {
  DEVICE_ID_LENGTH,
  ReplaceRequest,
  askerOf,
  parseDeviceId,
  servedSubject,
  type ExchangeReply,
} from '@countersign/contracts';
import { Ledger } from '@countersign/ledger';
import { randomId, type Random } from '@countersign/runtime';
import { Accounts } from '../accounts/accounts.js';
import { checkClientPoint } from '../devices/client-point.js';
import { FreshKeys } from '../devices/fresh-keys.js';
import { fromTheStart } from '../devices/from-the-start.js';
import { NewDevices, type Plan } from '../devices/new-devices.js';
import { replacedIn } from '../devices/replaced.js';
import { RANDOM } from '../parts.js';
import { TenantPolicy } from '../policy/tenant-policy.js';

/**
 * A device like another one, which is revoked when the new one is confirmed. Until then the old one works, unless
 * somebody disables it.
 */
@Controller()
export class ReplaceController {
  constructor(
    private readonly accounts: Accounts,
    private readonly ledger: Ledger,
    private readonly devices: NewDevices,
    private readonly fresh: FreshKeys,
    private readonly policy: TenantPolicy,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  @MessagePattern(servedSubject('device.replace'))
  async replace(
    @Payload(new ValidMessage(ReplaceRequest)) { account: name, device, point }: ReplaceRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<ExchangeReply> {
    const { tenant, caller } = askerOf(subject);
    checkClientPoint(point);
    const account = await this.accounts.open(tenant, name);
    const replaces = replacedIn(account.reading, device);
    const before = account.reading.state.devices.find(({ id }) => id === replaces) as DeviceState;
    const { profile } = await this.ledger.record(before.record);
    const plan: Plan = {
      id: parseDeviceId(randomId(this.random, DEVICE_ID_LENGTH)),
      method: 'exchange',
      profile: fromTheStart(profile),
      status: 'pending',
      namedOnly: before.namedOnly ?? false,
      replaces,
      by: caller,
      policy: (await this.policy.now(tenant)).policy,
    };
    this.devices.admit(account, plan);
    return this.fresh.enrol(account, plan, point, deadline);
  }
}
