import type { Bus } from '@countersign/bus';
import { callerSubject, Failure, type Caller, type Verb, type Verdict } from '@countersign/contracts';
import type { Clock } from '@countersign/runtime';
import type { Answered, Entry, Question } from '../history/entry.js';
import type { Tally } from '../report/tally.js';
import type { Permits } from './permits.js';

/** A caller of a tenant, connected. */
export interface Connected {
  tenant: string;
  caller: Caller;
  bus: Bus;
}

/** Of whom something is asked. */
export interface Asked {
  /** one of the account's names */
  name: string;
  /** the account's id; '' while it has none that is known */
  account: string;
}

/** What came back: what the history says of it, and the whole reply where there was one. */
export type Reply =
  | { kind: 'verdict'; verdict: Verdict }
  | { kind: 'done'; reply: Record<string, unknown> }
  | { kind: 'failure'; code: Failure['code']; retryAfterMs?: number };

const WITH_VERDICT: readonly Verb[] = ['verify', 'device.confirm', 'challenge.verify'];
const TIMEOUT_MS = 1500; // what the caller library gives one attempt

/**
 * Sends one question as one message, without any retry, and writes down that it was asked and what came back. Never
 * throws for what the platform does.
 */
export class Asker {
  private asked = 0;

  constructor(
    private readonly history: { write(entry: Entry): void },
    private readonly permits: Permits,
    private readonly tally: Tally,
    private readonly clock: Clock,
  ) {}

  /** `more`: fields of the message that the history does not hold. */
  ask(by: Connected, of: Asked, question: Question, more: object = {}): Promise<Reply> {
    return this.permits.with(async () => {
      const id = (this.asked += 1);
      const { tenant, caller } = by;
      this.history.write({ kind: 'asked', at: this.clock.now(), id, tenant, caller, account: of.account, question });
      const reply = await this.replyTo(by, question.verb, { ...messageOf(of, question), ...more });
      this.history.write({ kind: 'answered', at: this.clock.now(), id, answer: answerOf(reply) });
      this.tally.answered(reply);
      return reply;
    });
  }

  private async replyTo({ bus, caller }: Connected, verb: Verb, message: object): Promise<Reply> {
    try {
      const reply = await bus.request<object>(callerSubject(caller, verb), message, { timeoutMs: TIMEOUT_MS });
      if (WITH_VERDICT.includes(verb)) return { kind: 'verdict', verdict: reply as Verdict };
      return { kind: 'done', reply: reply as Record<string, unknown> };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const { code, retryAfterMs } = error;
      return { kind: 'failure', code, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    }
  }
}

function messageOf({ name }: Asked, question: Question): object {
  switch (question.verb) {
    case 'verify': {
      const { code, requestId, origin, device } = question;
      return { account: name, code, requestId, ...(origin !== undefined && { origin }), ...(device && { device }) };
    }
    case 'device.confirm':
      return { account: name, device: question.device, code: question.code, requestId: question.requestId };
    case 'challenge.verify': {
      const { challenge, code, requestId, origin } = question;
      return { account: name, challenge, code, requestId, ...(origin !== undefined && { origin }) };
    }
    case 'challenge.issue': {
      const { verb: _, ...wanted } = question;
      return { account: name, sealTo: 'caller', ...wanted };
    }
    case 'challenge.cancel':
      return { account: name, challenge: question.challenge };
    case 'device.revoke':
    case 'device.disable':
    case 'device.enable':
      return { account: name, device: question.device };
    case 'account.unlock':
    case 'enroll.exchange':
      return { account: name };
    case 'account.create':
      return { names: [name] };
  }
}

function answerOf(reply: Reply): Answered['answer'] {
  if (reply.kind === 'verdict') return reply;
  return reply.kind === 'done' ? { kind: 'done' } : { kind: 'failure', code: reply.code };
}
