import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/nats-core';

export type Answer =
  | { kind: 'reply'; message: Msg }
  | { kind: 'no-responders' }
  | { kind: 'timeout' }
  /** the connection was lost after sending; the request may have been received */
  | { kind: 'lost' }
  /** the server refused the publish: this identity has no right to the subject */
  | { kind: 'refused' };

interface Pending {
  subject: string;
  timer: NodeJS.Timeout;
  settle: (answer: Answer) => void;
}

/**
 * Requests over one inbox subscription. nats.js has one too; this one makes no stack traces, and ends what is under way
 * as soon as the connection is lost, so that nobody waits out a timeout for an answer that cannot come.
 */
export class Inbox {
  private readonly base: string;
  private readonly pending = new Map<string, Pending>();
  private next = 0;

  constructor(
    private readonly connection: NatsConnection,
    prefix: string,
  ) {
    this.base = `${createInbox(prefix)}.`;
    connection.subscribe(`${this.base}*`, {
      callback: (error, message) => {
        if (error === null) this.receive(message);
      },
    });
  }

  /** Publishes and waits for one answer. Throws what the connection throws when it cannot publish (closed, draining). */
  request(subject: string, data: Uint8Array, headers: MsgHdrs, timeoutMs: number): Promise<Answer> {
    const token = (this.next++).toString(36);
    return new Promise((settle, reject) => {
      const timer = setTimeout(() => this.end(token, { kind: 'timeout' }), timeoutMs);
      this.pending.set(token, { subject, timer, settle });
      try {
        this.connection.publish(subject, data, { reply: this.base + token, headers });
      } catch (error) {
        clearTimeout(timer);
        this.pending.delete(token);
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  /** Ends everything under way. */
  lost(): void {
    for (const token of [...this.pending.keys()]) this.end(token, { kind: 'lost' });
  }

  /** Ends what was published to `subject`. */
  refused(subject: string): void {
    for (const [token, pending] of [...this.pending])
      if (pending.subject === subject) this.end(token, { kind: 'refused' });
  }

  private receive(message: Msg): void {
    const token = message.subject.slice(this.base.length);
    const nobody = message.data.length === 0 && message.headers?.code === 503; // ADR-4: the server's own status line
    this.end(token, nobody ? { kind: 'no-responders' } : { kind: 'reply', message });
  }

  private end(token: string, answer: Answer): void {
    const pending = this.pending.get(token);
    if (pending === undefined) return; // a second reply, or one after the timeout
    clearTimeout(pending.timer);
    this.pending.delete(token);
    pending.settle(answer);
  }
}
