import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import { ExchangeRequest, askerOf, servedSubject, type ExchangeReply } from '@countersign/contracts';
import { Accounts } from '../accounts/accounts.js';
import { checkClientPoint } from '../devices/client-point.js';
import { FreshKeys } from '../devices/fresh-keys.js';
import { Plans } from '../devices/plans.js';

/**
 * Enrolment by exchange: the HSM makes the key and wraps it for the asking end alone. Authenticator apps are enrolled in
 * the same way: the client unwraps the key and shows it as an otpauth URI, so that no service ever holds it (I6).
 */
@Controller()
export class ExchangeController {
  constructor(
    private readonly accounts: Accounts,
    private readonly fresh: FreshKeys,
    private readonly plans: Plans,
  ) {}

  @MessagePattern(servedSubject('enroll.exchange'))
  async exchange(
    @Payload(new ValidMessage(ExchangeRequest)) request: ExchangeRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<ExchangeReply> {
    const asker = askerOf(subject);
    checkClientPoint(request.point);
    const account = await this.accounts.open(asker.tenant, request.account);
    const plan = await this.plans.asked(account, asker, 'exchange', request);
    return this.fresh.enrol(account, plan, request.point, deadline);
  }
}
