import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import {
  EventsRequest,
  Failure,
  askerOf,
  ledgerSubject,
  servedSubject,
  type EventsReply,
  type Tenant,
} from '@countersign/contracts';
import { Directory, Ledger, Tenants } from '@countersign/ledger';
import { Tail } from '../tail/tail.js';
import { EventPages } from './event-pages.js';

const TIME_TO_ANSWER_MS = 250; // kept of the caller's own time, so that an empty page still arrives

/** A tenant's own events: all of them or one account's, a page at a time, or as they come. */
@Controller()
export class EventsController {
  constructor(
    private readonly ledger: Ledger,
    private readonly directory: Directory,
    private readonly tenants: Tenants,
    private readonly tail: Tail,
    private readonly pages: EventPages,
  ) {}

  @MessagePattern(servedSubject('audit.events'))
  async events(
    @Payload(new ValidMessage(EventsRequest)) request: EventsRequest,
    @Ctx() context: MessageContext,
  ): Promise<EventsReply> {
    this.ledger.assertUsable();
    if (!request.waitMs) return this.read(request, context);
    const leave = this.tail.enter();
    try {
      return await this.read(request, context);
    } finally {
      leave();
    }
  }

  private async read(request: EventsRequest, { subject, deadline, stopping }: MessageContext): Promise<EventsReply> {
    const filter = await this.filter(askerOf(subject).tenant, request.account);
    const start = await this.pages.start(request);
    const leftMs = (): number => deadline.remainingMs() - TIME_TO_ANSWER_MS;
    const waitUntilMs = performance.now() + Math.min(request.waitMs ?? 0, leftMs());
    for (let end: number | undefined = 0; ;) {
      const page = await this.pages.page(filter, start, request, () => leftMs() > 0);
      if (page.events.length > 0 || page.more) return page;
      end = await this.tail.grownBeyond(end, waitUntilMs - performance.now(), stopping);
      if (end === undefined) return page;
    }
  }

  private async filter(tenant: Tenant, name: string | undefined): Promise<string> {
    if (name === undefined) return ledgerSubject(tenant, '>');
    const binding = await this.directory.find(tenant, await this.tenants.canonicalName(tenant, name));
    if (binding === undefined) throw new Failure('NOT_FOUND', 'there is no such account');
    return ledgerSubject(tenant, binding.id);
  }
}
