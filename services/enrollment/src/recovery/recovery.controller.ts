import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import {
  DEVICE_ID_LENGTH,
  IssueRecoveryRequest,
  RECOVERY_PROFILE,
  askerOf,
  parseDeviceId,
  servedSubject,
  type IssueRecoveryReply,
  type RecoveryProfile,
} from '@countersign/contracts';
import { randomId, type Random } from '@countersign/runtime';
import { Accounts } from '../accounts/accounts.js';
import { checkClientPoint } from '../devices/client-point.js';
import { FreshKeys } from '../devices/fresh-keys.js';
import { NewDevices, type Plan } from '../devices/new-devices.js';
import { RANDOM } from '../parts.js';
import { TenantPolicy } from '../policy/tenant-policy.js';

/**
 * Sheets of recovery codes. The HSM makes the key and wraps it for the asking end alone, which computes the codes, shows
 * them once and forgets the key; the platform has the key in its HSM and never a code.
 */
@Controller()
export class RecoveryController {
  constructor(
    private readonly accounts: Accounts,
    private readonly fresh: FreshKeys,
    private readonly devices: NewDevices,
    private readonly policy: TenantPolicy,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  @MessagePattern(servedSubject('recovery.issue'))
  async issue(
    @Payload(new ValidMessage(IssueRecoveryRequest)) request: IssueRecoveryRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<IssueRecoveryReply> {
    const { tenant, caller } = askerOf(subject);
    checkClientPoint(request.point);
    const account = await this.accounts.open(tenant, request.account);
    const plan: Plan<RecoveryProfile> = {
      id: parseDeviceId(randomId(this.random, DEVICE_ID_LENGTH)),
      method: 'recovery',
      profile: RECOVERY_PROFILE,
      status: 'active',
      namedOnly: false,
      by: caller,
      policy: (await this.policy.now(tenant)).policy,
    };
    this.devices.admit(account, plan);
    return (await this.fresh.made(account, plan, request.point, deadline)).reply;
  }
}
