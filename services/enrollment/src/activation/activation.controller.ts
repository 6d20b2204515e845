import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import {
  IssueActivationRequest,
  RedeemActivationRequest,
  askerOf,
  servedSubject,
  type ExchangeReply,
  type IssueActivationReply,
} from '@countersign/contracts';
import { IssueActivation } from './issue-activation.js';
import { RedeemActivation } from './redeem-activation.js';

/** One-time activation: whoever brings an invitation's token first enrols a device. */
@Controller()
export class ActivationController {
  constructor(
    private readonly issuing: IssueActivation,
    private readonly redeeming: RedeemActivation,
  ) {}

  @MessagePattern(servedSubject('activation.issue'))
  issue(
    @Payload(new ValidMessage(IssueActivationRequest)) request: IssueActivationRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<IssueActivationReply> {
    return this.issuing.issue(askerOf(subject), request, deadline);
  }

  @MessagePattern(servedSubject('activation.redeem'))
  redeem(
    @Payload(new ValidMessage(RedeemActivationRequest)) request: RedeemActivationRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<ExchangeReply> {
    return this.redeeming.redeem(askerOf(subject), request, deadline);
  }
}
