import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import {
  PolicyHistoryRequest,
  PolicyQuery,
  SetPolicyRequest,
  askerOf,
  servedSubject,
  type PolicyHistoryReply,
  type PolicyReply,
} from '@countersign/contracts';
import { TenantPolicy } from './tenant-policy.js';

/** What a tenant's operator decides about guesses, codes and origins. */
@Controller()
export class PolicyController {
  constructor(private readonly policy: TenantPolicy) {}

  @MessagePattern(servedSubject('policy.get'))
  get(
    @Payload(new ValidMessage(PolicyQuery)) _query: PolicyQuery,
    @Ctx() { subject }: MessageContext,
  ): Promise<PolicyReply> {
    return this.policy.now(askerOf(subject).tenant);
  }

  @MessagePattern(servedSubject('policy.set'))
  set(
    @Payload(new ValidMessage(SetPolicyRequest)) request: SetPolicyRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<PolicyReply> {
    return this.policy.decide(askerOf(subject), request, deadline);
  }

  @MessagePattern(servedSubject('policy.history'))
  history(
    @Payload(new ValidMessage(PolicyHistoryRequest)) { after }: PolicyHistoryRequest,
    @Ctx() { subject }: MessageContext,
  ): Promise<PolicyHistoryReply> {
    return this.policy.history(askerOf(subject).tenant, after);
  }
}
