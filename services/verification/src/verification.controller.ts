import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import {
  ALARM_SUBJECT,
  CancelChallengeRequest,
  ConfirmRekeyRequest,
  ConfirmRequest,
  DELIVERED_SUBJECT,
  DeliveryReport,
  IssueChallengeRequest,
  RecoverRequest,
  ResyncRequest,
  SendChallengeRequest,
  UnlockRequest,
  VerifyChallengeRequest,
  VerifyRequest,
  VerifySheetRequest,
  accountReference,
  askerOf,
  plainSheetCode,
  servedSubject,
  type Alarm,
  type CancelChallengeReply,
  type ChallengeVerdict,
  type DeliveryReportReply,
  type IssueChallengeReply,
  type SendChallengeReply,
  type UnlockReply,
  type Verdict,
} from '@countersign/contracts';
import { Decider, type Submission } from './attempts/decide.js';
import { Challenges } from './challenges/challenges.js';
import { Reports } from './challenges/reports.js';
import { ForkFreezer } from './freezing/freeze-forked.js';
import { Unlocker } from './unlocking/unlock.js';

@Controller()
export class VerificationController {
  constructor(
    private readonly decider: Decider,
    private readonly challenges: Challenges,
    private readonly reports: Reports,
    private readonly unlocker: Unlocker,
    private readonly freezer: ForkFreezer,
  ) {}

  @MessagePattern(servedSubject('verify'))
  verify(
    @Payload(new ValidMessage(VerifyRequest)) request: VerifyRequest,
    @Ctx() ctx: MessageContext,
  ): Promise<Verdict> {
    return this.decide('verify', request, ctx);
  }

  @MessagePattern(servedSubject('device.confirm'))
  confirm(
    @Payload(new ValidMessage(ConfirmRequest)) request: ConfirmRequest,
    @Ctx() ctx: MessageContext,
  ): Promise<Verdict> {
    return this.decide('device.confirm', request, ctx);
  }

  @MessagePattern(servedSubject('rekey.confirm'))
  confirmRekey(
    @Payload(new ValidMessage(ConfirmRekeyRequest)) request: ConfirmRekeyRequest,
    @Ctx() ctx: MessageContext,
  ): Promise<Verdict> {
    return this.decide('rekey.confirm', request, ctx);
  }

  @MessagePattern(servedSubject('resync'))
  resync(
    @Payload(new ValidMessage(ResyncRequest)) request: ResyncRequest,
    @Ctx() ctx: MessageContext,
  ): Promise<Verdict> {
    return this.decide('resync', request, ctx);
  }

  @MessagePattern(servedSubject('recover'))
  recover(
    @Payload(new ValidMessage(RecoverRequest)) request: RecoverRequest,
    @Ctx() ctx: MessageContext,
  ): Promise<Verdict> {
    return this.decide('recover', { ...request, code: plainSheetCode(request.code) }, ctx);
  }

  @MessagePattern(servedSubject('sheet.verify'))
  verifySheet(
    @Payload(new ValidMessage(VerifySheetRequest)) request: VerifySheetRequest,
    @Ctx() ctx: MessageContext,
  ): Promise<Verdict> {
    return this.decide('sheet.verify', { ...request, code: plainSheetCode(request.code) }, ctx);
  }

  @MessagePattern(servedSubject('challenge.issue'))
  issue(
    @Payload(new ValidMessage(IssueChallengeRequest)) request: IssueChallengeRequest,
    @Ctx() ctx: MessageContext,
  ): Promise<IssueChallengeReply> {
    return this.challenges.issue(askerOf(ctx.subject), request, ctx);
  }

  @MessagePattern(servedSubject('challenge.verify'))
  verifyChallenge(
    @Payload(new ValidMessage(VerifyChallengeRequest)) request: VerifyChallengeRequest,
    @Ctx() ctx: MessageContext,
  ): Promise<ChallengeVerdict> {
    return this.challenges.verify(askerOf(ctx.subject), request, ctx);
  }

  @MessagePattern(servedSubject('challenge.send'))
  send(
    @Payload(new ValidMessage(SendChallengeRequest)) request: SendChallengeRequest,
    @Ctx() ctx: MessageContext,
  ): Promise<SendChallengeReply> {
    return this.challenges.sendAgain(askerOf(ctx.subject), request, ctx);
  }

  @MessagePattern(servedSubject('challenge.cancel'))
  cancel(
    @Payload(new ValidMessage(CancelChallengeRequest)) request: CancelChallengeRequest,
    @Ctx() ctx: MessageContext,
  ): Promise<CancelChallengeReply> {
    return this.challenges.cancel(askerOf(ctx.subject), request, ctx);
  }

  @MessagePattern(DELIVERED_SUBJECT)
  delivered(
    @Payload(new ValidMessage(DeliveryReport)) report: DeliveryReport,
    @Ctx() ctx: MessageContext,
  ): Promise<DeliveryReportReply> {
    return this.reports.note(report, ctx);
  }

  @MessagePattern(servedSubject('account.unlock'))
  unlock(
    @Payload(new ValidMessage(UnlockRequest)) request: UnlockRequest,
    @Ctx() ctx: MessageContext,
  ): Promise<UnlockReply> {
    return this.unlocker.unlock(askerOf(ctx.subject), request.account, ctx);
  }

  @EventPattern(ALARM_SUBJECT, { queue: false })
  alarm(@Payload() alarm: Alarm): Promise<void> {
    return this.freezer.freeze(alarm);
  }

  private decide(
    verb: Submission['verb'],
    { account, id, ...rest }: Omit<Submission, 'verb' | 'of'> & { account?: string; id?: string },
    ctx: MessageContext,
  ): Promise<Verdict> {
    return this.decider.decide(askerOf(ctx.subject), { verb, of: accountReference({ account, id }), ...rest }, ctx);
  }
}
