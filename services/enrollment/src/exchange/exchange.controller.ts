import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import {
  DEVICE_ID_LENGTH,
  ExchangeRequest,
  askerOf,
  parseDeviceId,
  profileOf,
  servedSubject,
  type ExchangeReply,
} from '@countersign/contracts';
import { randomId, type Random } from '@countersign/runtime';
import { Accounts } from '../accounts/accounts.js';
import { checkClientPoint } from '../devices/client-point.js';
import { FreshKeys } from '../devices/fresh-keys.js';
import { NewDevices, type Plan } from '../devices/new-devices.js';
import { replacedIn } from '../devices/replaced.js';
import { RANDOM } from '../parts.js';
import { TenantPolicy } from '../policy/tenant-policy.js';

/**
 * Enrolment by exchange: the HSM makes the key and wraps it for the asking end alone. Authenticator apps are enrolled in
 * the same way: the client unwraps the key and shows it as an otpauth URI, so that no service ever holds it (I6).
 */
@Controller()
export class ExchangeController {
  constructor(
    private readonly accounts: Accounts,
    private readonly fresh: FreshKeys,
    private readonly devices: NewDevices,
    private readonly policy: TenantPolicy,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  @MessagePattern(servedSubject('enroll.exchange'))
  async exchange(
    @Payload(new ValidMessage(ExchangeRequest)) request: ExchangeRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<ExchangeReply> {
    const { tenant, caller } = askerOf(subject);
    checkClientPoint(request.point);
    const account = await this.accounts.open(tenant, request.account);
    const plan: Plan = {
      id: parseDeviceId(randomId(this.random, DEVICE_ID_LENGTH)),
      method: 'exchange',
      profile: profileOf(request),
      status: 'pending',
      namedOnly: request.namedOnly ?? false,
      replaces: replacedIn(account.reading, request.replaces),
      by: caller,
      policy: (await this.policy.now(tenant)).policy,
    };
    this.devices.admit(account, plan);
    return this.fresh.enrol(account, plan, request.point, deadline);
  }
}
