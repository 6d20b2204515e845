import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { ValidMessage } from '@countersign/bus/nest';
import { DELIVER_SUBJECT, DeliverRequest, TAKEN_SUBJECT, TakenNote, type DeliverReply } from '@countersign/contracts';
import { Taking } from './taking/take.js';
import { RecentFile } from './limits/recent-file.js';

/** The internal subjects of delivery; no tenant can name them. */
@Controller()
export class DeliveryController {
  constructor(
    private readonly taking: Taking,
    private readonly recent: RecentFile,
  ) {}

  @MessagePattern(DELIVER_SUBJECT)
  deliver(@Payload(new ValidMessage(DeliverRequest)) request: DeliverRequest): Promise<DeliverReply> {
    return this.taking.take(request);
  }

  /** Of every replica, this one too. */
  @EventPattern(TAKEN_SUBJECT, { queue: false })
  taken(@Payload(new ValidMessage(TakenNote)) taken: TakenNote): void {
    this.recent.add(taken);
  }
}
