import type { Bus } from '@countersign/bus';
import {
  Failure,
  keysSubject,
  type ChallengeItem,
  type IssueReply,
  type OcraQuestionReply,
  type OcraQuestionRequest,
  type RedeemReply,
  type KeyVerb,
} from '@countersign/contracts';
import type { Redeemed } from '@countersign/account';

const TIMEOUT_MS = 1500; // twice that is less than callers wait by default
/** What the key service takes for a code at all. */
const CODE = /^(?:[0-9]{6,8}|[BCDFGHJKLMNPQRSTVWXZ]{4,10})$/;

const UNFIT: Record<(OcraQuestionReply & { kind: 'unfit' })['why'], [field: string, problem: string]> = {
  asked: ['asked', "a question of the device's suite, in its full length"],
  platformSuite: ['asked', 'left out: the device has no suite by which the platform would answer it'],
  transaction: ['transaction', "left out: questions of the device's suite are too short to stand for one"],
};

/** Has codes of challenges made and compared. Neither way does one come here that anybody could read. */
export class ChallengeKeys {
  constructor(private readonly bus: Bus) {}

  /** The code, sealed to a recipient; the same code each time. Throws FORBIDDEN when no key is pinned for it, UNAVAILABLE. */
  async sealed(item: ChallengeItem, recipient: string): Promise<string> {
    const reply = await this.ask<IssueReply>('issue', { ...item, recipient });
    if (reply.kind === 'issued') return reply.sealed;
    throw new Failure('FORBIDDEN', `the key service has no key pinned for ${recipient}; nothing was sealed`);
  }

  /** Whether it is the challenge's code, typed in either case. Throws UNAVAILABLE. */
  async redeem(item: ChallengeItem, typed: string): Promise<Redeemed> {
    const code = typed.toUpperCase();
    if (!CODE.test(code)) return { kind: 'none' };
    const reply = await this.ask<RedeemReply>('redeem', { ...item, code });
    if (reply.kind !== 'refused') return reply;
    throw new Failure('UNAVAILABLE', 'too many wrong codes for challenges of one account within a minute', {
      retryAfterMs: reply.retryAfterMs,
    });
  }

  /** What an OCRA device is asked, and the platform's response to what it asked. Throws INVALID_ARGUMENT, UNAVAILABLE. */
  async question(request: OcraQuestionRequest): Promise<{ question: string; answer?: string }> {
    const reply = await this.ask<OcraQuestionReply>('question', request);
    switch (reply.kind) {
      case 'question':
        return { question: reply.question, ...(reply.response !== undefined && { answer: reply.response }) };
      case 'unfit':
        throw wrong(...UNFIT[reply.why]);
      case 'unknown-key':
        throw new Failure('UNAVAILABLE', 'the key service does not know the key of this device');
    }
  }

  /** Asks once more when nothing came: another replica may answer, and neither question changes anything. */
  private async ask<Reply>(verb: KeyVerb, message: object): Promise<Reply> {
    const once = (): Promise<Reply> => this.bus.request<Reply>(keysSubject(verb), message, { timeoutMs: TIMEOUT_MS });
    try {
      return await once();
    } catch (error) {
      const elsewhere = error instanceof Failure && error.code === 'UNAVAILABLE' && error.retryAfterMs === undefined;
      if (!elsewhere) throw error;
      return once();
    }
  }
}

function wrong(field: string, problem: string): Failure {
  return new Failure('INVALID_ARGUMENT', `${field}: ${problem}`, { fields: [{ field, problem }] });
}
