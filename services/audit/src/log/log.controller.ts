import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import {
  CheckpointRequest,
  EntryRequest,
  Failure,
  ProofRequest,
  ReceiptRequest,
  askerOf,
  servedSubject,
  type AuditReceipt,
  type CheckpointReply,
  type EntryReply,
  type ProofReply,
} from '@countersign/contracts';
import { Checkpoints, type SignedCheckpoint } from '@countersign/ledger';
import { Tail } from '../tail/tail.js';
import { LogKeeper } from './log-keeper.js';
import { Proofs } from './proofs.js';

const TIME_TO_ANSWER_MS = 250; // kept of the caller's own time
const RECEIPT_WAIT_MS = 2000;
const CATCH_UP_MS = 2000;

/** What the log proves, to those who may read it. */
@Controller()
export class LogController {
  constructor(
    private readonly chain: Checkpoints,
    private readonly keeper: LogKeeper,
    private readonly proofs: Proofs,
    private readonly tail: Tail,
  ) {}

  @MessagePattern(servedSubject('audit.checkpoint'))
  async checkpoint(
    @Payload(new ValidMessage(CheckpointRequest)) { after, waitMs = 0 }: CheckpointRequest,
    @Ctx() context: MessageContext,
  ): Promise<CheckpointReply> {
    if (after !== undefined && waitMs > 0) {
      const leave = this.tail.enter();
      try {
        await this.keeper.atLeast(after + 1, within(waitMs, context), context.stopping);
      } finally {
        leave();
      }
    }
    return { checkpoint: (await this.last(context)).note };
  }

  @MessagePattern(servedSubject('audit.proof'))
  async proof(
    @Payload(new ValidMessage(ProofRequest)) request: ProofRequest,
    @Ctx() context: MessageContext,
  ): Promise<ProofReply> {
    return this.proofs.prove(request, await this.last(context));
  }

  @MessagePattern(servedSubject('audit.entry'))
  async entry(
    @Payload(new ValidMessage(EntryRequest)) { sequence, count = 1 }: EntryRequest,
    @Ctx() context: MessageContext,
  ): Promise<EntryReply> {
    return this.proofs.entries(askerOf(context.subject).tenant, sequence, count, await this.last(context));
  }

  @MessagePattern(servedSubject('audit.receipt'))
  async receipt(
    @Payload(new ValidMessage(ReceiptRequest)) { sequence }: ReceiptRequest,
    @Ctx() context: MessageContext,
  ): Promise<AuditReceipt> {
    await this.keeper.atLeast(sequence, within(RECEIPT_WAIT_MS, context), context.stopping);
    const { tenant } = askerOf(context.subject);
    const receipt = await this.proofs.receipt(tenant, sequence, await this.last(context));
    if (receipt === undefined) throw new Failure('NOT_FOUND', 'no event of this tenant has that sequence');
    return { format: 'countersign-receipt-v1', ...receipt };
  }

  /** The chain's last: no replica answers with less than another did before. Throws UNAVAILABLE. */
  private async last(context: MessageContext): Promise<SignedCheckpoint> {
    const last = await this.chain.last();
    const known = await this.keeper.atLeast(last?.size ?? 0, within(CATCH_UP_MS, context), context.stopping);
    if (last !== undefined && known !== undefined && known.size >= last.size) return known;
    throw new Failure('UNAVAILABLE', 'the log has not been read so far yet', { retryAfterMs: 1000 });
  }
}

const within = (waitMs: number, { deadline }: MessageContext): number =>
  Math.min(waitMs, deadline.remainingMs() - TIME_TO_ANSWER_MS);
