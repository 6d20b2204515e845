import { headers as newHeaders, type MsgHdrs, type NatsConnection } from '@nats-io/nats-core';
import { SpanKind } from '@opentelemetry/api';
import { Failure } from '@countersign/contracts';
import { reasonOf, type Log } from '@countersign/runtime';
import { ConnectionState } from './connection-state.js';
import { TIMEOUT_HEADER, monotonicMs } from './deadline.js';
import { failureIn } from './failure-reply.js';
import { Inbox, type Answer } from './inbox.js';
import { STALL_LIMITS, StallWatch, type StallLimits } from './stall-watch.js';
import { TIMING_HEADER, TRACEPARENT_HEADER, inSpan, tellSpan, traceparentOf, verbIn } from './tracing.js';
import { decodeJson, encodeRequest } from './wire.js';

export interface RequestOptions {
  /** how long to wait for the answer; also sent, so that work nobody waits for is dropped */
  timeoutMs: number;
  headers?: Record<string, string>;
  /** what to say when nobody serves the subject; default: that */
  nobody?: string;
}

export interface BusSettings {
  name: string;
  inboxPrefix: string;
  log: Log;
  stall?: Partial<StallLimits>;
}

/** A connection to NATS that speaks plain JSON. Made by `connectBus`. */
export class Bus {
  private readonly inbox: Inbox;
  private readonly state: ConnectionState;
  private readonly watch: StallWatch;

  constructor(
    /** for what this class does not do: JetStream, subscriptions */
    readonly connection: NatsConnection,
    readonly settings: BusSettings,
  ) {
    this.watch = new StallWatch(() => this.state.leave(), { ...STALL_LIMITS, ...settings.stall });
    this.inbox = new Inbox(connection, settings.inboxPrefix);
    this.state = new ConnectionState(connection, settings.log, {
      lost: () => this.inbox.lost(),
      restored: () => this.watch.moved(),
      refused: (subject) => this.inbox.refused(subject),
    });
  }

  /**
   * Asks and waits for one answer. While the connection is being restored it waits, within `timeoutMs`.
   *
   * Throws the Failure that the service answered with; TOO_LARGE before sending; FORBIDDEN when this identity may not
   * publish there; UNAVAILABLE when nobody serves the subject, nothing came in time, or the connection was lost (in the
   * last two cases it may have been done); INTERNAL for a reply that is not JSON.
   */
  async request<T>(subject: string, body: unknown, { timeoutMs, headers, nobody }: RequestOptions): Promise<T> {
    const data = encodeRequest(body);
    let leftMs = Math.ceil(timeoutMs);
    if (!this.state.connected) leftMs -= await this.state.restoredWithin(leftMs);
    if (leftMs < 1) throw new Failure('UNAVAILABLE', `not connected to NATS for ${timeoutMs} ms; nothing was sent`);
    const verb = verbIn(subject);
    return inSpan(`ask ${verb}`, SpanKind.CLIENT, async (span) => {
      const lines = newHeaders();
      if (headers) for (const [key, value] of Object.entries(headers)) lines.set(key, value);
      lines.set(TIMEOUT_HEADER, String(leftMs));
      const traceparent = traceparentOf(span);
      if (traceparent !== undefined) lines.set(TRACEPARENT_HEADER, traceparent);
      const sentMs = monotonicMs();
      const answer = await this.ask(subject, data, lines, leftMs);
      if (span.isRecording() && answer.kind === 'reply')
        tellSpan(answer.message.headers?.get(TIMING_HEADER), verb, sentMs, monotonicMs());
      return resultOf(answer, subject, timeoutMs, nobody) as T;
    });
  }

  /** Publishes without an answer. Throws TOO_LARGE, or UNAVAILABLE when the connection is closed. */
  publish(subject: string, body: unknown): void {
    const data = encodeRequest(body);
    try {
      this.connection.publish(subject, data);
    } catch (cause) {
      throw new Failure('UNAVAILABLE', `not sent: ${reasonOf(cause)}`, { cause });
    }
  }

  /** Runs `hook` after each reconnection; what it throws is logged. Returns a function that takes it off again. */
  onReconnect(hook: () => void | Promise<void>): () => void {
    return this.state.onReconnect(hook);
  }

  /** For users of `connection` (appends, reads): nothing came back in time through this server. */
  reportTimeout(sentMs?: number): void {
    this.watch.reportTimeout(sentMs);
  }

  /** For users of `connection`: something came back. */
  reportSuccess(): void {
    this.watch.reportSuccess();
  }

  get connected(): boolean {
    return this.state.connected;
  }

  /** host:port of the server in use. */
  get server(): string {
    return this.connection.getServer();
  }

  /** Round trip to the server, ms. Rejects when there is none. */
  rtt(): Promise<number> {
    return this.connection.rtt();
  }

  /** Lets subscriptions finish what they have, sends what is buffered, closes. Waits at most `withinMs` for that. */
  async close(withinMs = 2000): Promise<void> {
    if (this.connection.isClosed()) return;
    if (!this.state.connected || this.connection.isDraining()) return this.connection.close();
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([this.connection.drain().catch(() => undefined), tooLate]);
    clearTimeout(timer);
    this.inbox.lost();
    await this.connection.close();
  }

  /**
   * One request in the raw, for peers that are not services (JetStream): no deadline header, no decoding, and what became
   * of it as a value. Throws UNAVAILABLE only when the connection is closed, so that nothing was sent.
   */
  async ask(subject: string, data: Uint8Array, lines: MsgHdrs, timeoutMs: number): Promise<Answer> {
    let leftMs = timeoutMs;
    if (!this.state.connected) leftMs -= await this.state.restoredWithin(timeoutMs); // what is sent before is lost
    if (leftMs < 1) return { kind: 'lost' };
    const sentMs = monotonicMs();
    try {
      const answer = await this.inbox.request(subject, data, lines, leftMs);
      if (answer.kind === 'timeout') this.watch.reportTimeout(sentMs);
      else if (answer.kind !== 'lost') this.watch.reportSuccess();
      return answer;
    } catch (cause) {
      throw new Failure('UNAVAILABLE', `not sent: ${reasonOf(cause)}`, { cause });
    }
  }
}

function resultOf(answer: Answer, subject: string, timeoutMs: number, nobody?: string): unknown {
  switch (answer.kind) {
    case 'reply': {
      const failure = failureIn(answer.message);
      if (failure) throw failure;
      const decoded = decodeJson(answer.message.data);
      if (decoded.kind === 'json') return decoded.value;
      throw new Failure('INTERNAL', `the reply from ${subject} is not JSON`);
    }
    case 'no-responders':
      throw new Failure('UNAVAILABLE', nobody ?? `nobody serves ${subject} now; nothing was decided`);
    case 'timeout':
      throw new Failure('UNAVAILABLE', `no answer from ${subject} within ${timeoutMs} ms`);
    case 'lost':
      throw new Failure('UNAVAILABLE', `the connection was lost while ${subject} was asked`);
    case 'refused':
      throw new Failure('FORBIDDEN', `NATS does not let this identity publish to ${subject}`);
  }
}
