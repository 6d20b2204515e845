import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import {
  IssueRecoveryRequest,
  RECOVERY_PROFILE,
  askerOf,
  servedSubject,
  type IssueRecoveryReply,
} from '@countersign/contracts';
import { Accounts } from '../accounts/accounts.js';
import { checkClientPoint } from '../devices/client-point.js';
import { FreshKeys } from '../devices/fresh-keys.js';
import { Plans } from '../devices/plans.js';

/**
 * Sheets of recovery codes. The HSM makes the key and wraps it for the asking end alone, which computes the codes, shows
 * them once and forgets the key; the platform has the key in its HSM and never a code.
 */
@Controller()
export class RecoveryController {
  constructor(
    private readonly accounts: Accounts,
    private readonly fresh: FreshKeys,
    private readonly plans: Plans,
  ) {}

  @MessagePattern(servedSubject('recovery.issue'))
  async issue(
    @Payload(new ValidMessage(IssueRecoveryRequest)) request: IssueRecoveryRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<IssueRecoveryReply> {
    const asker = askerOf(subject);
    checkClientPoint(request.point);
    const account = await this.accounts.open(asker.tenant, request.account);
    const sheet = { method: 'recovery', profile: RECOVERY_PROFILE, status: 'active' } as const;
    const plan = await this.plans.admitted(account, asker, sheet);
    return (await this.fresh.made(account, plan, request.point, deadline)).reply;
  }
}
