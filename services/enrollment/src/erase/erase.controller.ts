import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import { EraseRequest, askerOf, servedSubject, type EraseReply } from '@countersign/contracts';
import { EraseAccount } from './erase-account.js';

@Controller()
export class EraseController {
  constructor(private readonly erasing: EraseAccount) {}

  @MessagePattern(servedSubject('account.erase'))
  erase(
    @Payload(new ValidMessage(EraseRequest)) { account }: EraseRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<EraseReply> {
    return this.erasing.erase(askerOf(subject), account, deadline);
  }
}
