import type { MsgHdrs } from '@nats-io/nats-core';
import { BaseRpcContext } from '@nestjs/microservices';
import type { Deadline } from '../deadline.js';

const NEVER = new AbortController().signal;

/** What a handler gets by `@Ctx()`: where the message came from, and how long somebody waits for its answer. */
export class MessageContext extends BaseRpcContext<unknown[]> {
  constructor(
    /** the subject as published, wildcards of the pattern filled in */
    readonly subject: string,
    readonly headers: MsgHdrs | undefined,
    readonly deadline: Deadline,
    /** aborted once the service drains: a handler that waits for something to happen answers now */
    readonly stopping: AbortSignal = NEVER,
  ) {
    super([subject, headers, deadline]);
  }

  get tokens(): string[] {
    return this.subject.split('.');
  }

  /** How long the caller still waits, ms; never negative. */
  remainingMs(): number {
    return this.deadline.remainingMs();
  }
}
