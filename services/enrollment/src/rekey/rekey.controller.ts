import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import { BeginRekeyRequest, askerOf, servedSubject, type BeginRekeyReply } from '@countersign/contracts';
import { BeginRekey } from './begin-rekey.js';

/** A device's next key, inside the protection of its present one. Its first code is confirmed by verification. */
@Controller()
export class RekeyController {
  constructor(private readonly beginning: BeginRekey) {}

  @MessagePattern(servedSubject('rekey.begin'))
  begin(
    @Payload(new ValidMessage(BeginRekeyRequest)) request: BeginRekeyRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<BeginRekeyReply> {
    return this.beginning.begin(askerOf(subject), request, deadline);
  }
}
