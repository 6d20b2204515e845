import type { Bus } from '@countersign/bus';
import { DELIVER_SUBJECT, type DeliverReply, type DeliverRequest } from '@countersign/contracts';

const TIMEOUT_MS = 2000;

/** Hands a sealed code to whoever sends it. */
export class Delivery {
  constructor(private readonly bus: Bus) {}

  /** Resolves when delivery has it in hand. Throws LIMIT, UNAVAILABLE. */
  async take(request: DeliverRequest): Promise<void> {
    await this.bus.request<DeliverReply>(DELIVER_SUBJECT, request, { timeoutMs: TIMEOUT_MS });
  }
}
