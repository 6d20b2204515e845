import {
  headers as newHeaders,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type Subscription,
} from '@nats-io/nats-core';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { SpanKind } from '@opentelemetry/api';
import { Failure } from '@countersign/contracts';
import { gauge } from '@countersign/observe';
import { SystemClock, SystemRandom, randomId, reasonOf } from '@countersign/runtime';
import { firstValueFrom, isObservable } from 'rxjs';
import type { Bus } from '../bus.js';
import { Deadline, TIMEOUT_HEADER, monotonicMs, timeoutFrom } from '../deadline.js';
import { failureReply } from '../failure-reply.js';
import { REPLY_PREFIXES, isReplySubject } from '../reply-subject.js';
import { TIMING_HEADER, TRACEPARENT_HEADER, contextIn, inSpan, spanContextIn } from '../tracing.js';
import { MAX_PAYLOAD_BYTES, decodeJson, encodeJson } from '../wire.js';
import { Arrival } from './arrival.js';
import { askerIn } from './asker.js';
import { Discovery, type ServiceIdentity } from './discovery.js';
import { endpointOf, type Endpoint } from './endpoint.js';
import { FairQueue } from './fair-queue.js';
import { failureOf } from './failure-of.js';
import { MessageContext } from './message-context.js';
import { Quiet } from './quiet.js';
import { RequestLog } from './request-log.js';
import { TURNED_AWAY } from './request-metrics.js';

export interface BusServerOptions {
  /** stays open after `close()`: whoever connected closes */
  bus: Bus;
  service: ServiceIdentity;
  /** queue group; default: the service's name */
  queue?: string;
  /** this replica's name, for endpoints that are asked of one replica */
  replica?: string;
  /** requests worked on at once; default 256 */
  maxInFlight?: number;
  /** requests that wait their turn beyond them, fairly by caller; more are refused at once. Default: as many again */
  maxWaiting?: number;
  /** bytes of a message, in and out; default 65,536 */
  maxPayload?: number;
  /** deadline of a message without the header, ms; default 10,000 */
  defaultTimeoutMs?: number;
  /** how long `close()` waits for work under way, ms; default 10,000 */
  drainMs?: number;
  /** who says in its answers how long it worked for a traced question, for it exports no spans; default: nobody */
  tellsTimeAs?: string;
  /** beginnings of subjects that may be answered; default `_R_.` and `_INBOX_` */
  replyPrefixes?: readonly string[];
}

/** A message that was read, and until when somebody waits is yet to be seen. */
interface Arrived {
  endpoint: Endpoint;
  message: Msg;
  /** monotonic, at the earliest */
  arrivedMs: number;
  reply: string | undefined;
}

const MAX_IN_FLIGHT = 256;
const DEFAULT_TIMEOUT_MS = 10_000;
const DRAIN_MS = 10_000;
const RETRY_AFTER_MS = 100; // a full service empties in about the time of one request
const INSTANCE_ID_LENGTH = 20;

/** Nest transport: plain JSON requests over NATS, ADR-32 errors and discovery, a bounded number at once. */
export class BusServer extends Server implements CustomTransportStrategy {
  private readonly endpoints: Endpoint[] = [];
  private readonly subscriptions: Subscription[] = [];
  private readonly connection: NatsConnection;
  private readonly limits: Required<Omit<BusServerOptions, 'bus' | 'service' | 'replica' | 'tellsTimeAs'>>;
  private readonly quiet: Quiet;
  private readonly requests: RequestLog;
  private readonly queue: FairQueue<Arrived>;
  private readonly arrival = new Arrival(monotonicMs);
  private discovery: Discovery | undefined;
  private refusal: Error | undefined;
  private closing: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  private idle: (() => void) | undefined;
  private inFlight = 0;

  constructor(private readonly options: BusServerOptions) {
    super();
    this.connection = options.bus.connection;
    this.quiet = new Quiet(options.bus.settings.log, monotonicMs);
    this.limits = {
      queue: options.queue ?? options.service.name,
      maxInFlight: options.maxInFlight ?? MAX_IN_FLIGHT,
      maxWaiting: options.maxWaiting ?? options.maxInFlight ?? MAX_IN_FLIGHT,
      maxPayload: options.maxPayload ?? MAX_PAYLOAD_BYTES,
      defaultTimeoutMs: options.defaultTimeoutMs ?? DEFAULT_TIMEOUT_MS,
      drainMs: options.drainMs ?? DRAIN_MS,
      replyPrefixes: options.replyPrefixes ?? REPLY_PREFIXES,
    };
    this.requests = new RequestLog(options.bus.settings.log);
    this.queue = new FairQueue(this.limits.maxWaiting);
  }

  /** Subscribes every pattern. Fails when one is no subject, or when NATS does not let this identity subscribe. */
  async listen(done: (error?: unknown) => void): Promise<void> {
    const { replica } = this.options;
    try {
      for (const [pattern, handler] of this.messageHandlers)
        this.endpoints.push(endpointOf(pattern, handler, this.limits.queue, replica));
      const { service } = this.options;
      const id = randomId(new SystemRandom(), INSTANCE_ID_LENGTH);
      const startedAt = new Date(new SystemClock().now()).toISOString();
      this.arrival.start();
      gauge('requests_in_flight', 'requests that are worked on now', () => this.inFlight);
      gauge('requests_waiting', 'requests that wait their turn', () => this.queue.size);
      this.discovery = new Discovery(service, id, startedAt, this.endpoints, this.limits.replyPrefixes);
      this.discovery.subscribe(this.connection, (subject, error) => this.denied(subject, error));
      for (const endpoint of this.endpoints) this.subscribe(endpoint);
      await this.connection.flush(); // a refused subscription is told before the answer to this
      if (this.refusal) throw this.refusal;
    } catch (error) {
      return done(error);
    }
    done();
  }

  /** Takes nothing new, finishes what is under way (at most `drainMs`), sends the answers. */
  close(): Promise<void> {
    return (this.closing ??= this.drain());
  }

  on(): never {
    throw new Error('BusServer has no events; the connection is bus.connection');
  }

  unwrap<T>(): T {
    return this.connection as T;
  }

  private subscribe(endpoint: Endpoint): void {
    const { subject, queue } = endpoint;
    const subscription = this.connection.subscribe(subject, {
      ...(queue !== undefined && { queue }),
      callback: (error, message) => (error ? this.denied(subject, error) : this.receive(endpoint, message)),
    });
    this.subscriptions.push(subscription);
  }

  private denied(subject: string, error: Error): void {
    this.refusal ??= new Error(`NATS does not let this identity subscribe to ${subject}`, { cause: error });
    this.options.bus.settings.log.error('a subscription was refused', { subject, reason: reasonOf(error) });
  }

  /** What can be refused without reading the message is refused here; what there is no room for now waits its turn. */
  private receive(endpoint: Endpoint, message: Msg): void {
    const isEvent = endpoint.kind === 'event';
    const reply = isEvent ? undefined : message.reply;
    if (!isEvent && !isReplySubject(reply, this.limits.replyPrefixes)) {
      endpoint.dropped += 1;
      return this.quiet.warn('dropped a message without an inbox to answer to', endpoint.subject);
    }
    endpoint.requests += 1;
    if (message.data.length > this.limits.maxPayload) return this.refuse(endpoint, reply, new Failure('TOO_LARGE'));
    // One a turn starts at once. The others of a burst start one after the other, so that each deadline is looked at
    // when its own handler is about to run.
    const { firstOfTurn } = this.arrival;
    const arrived: Arrived = { endpoint, message, arrivedMs: this.arrival.earliestMs(), reply };
    if (this.inFlight < this.limits.maxInFlight) return this.start(arrived, firstOfTurn);
    const tooMany = this.queue.add(askerIn(message.subject) ?? endpoint.subject, arrived);
    if (tooMany) this.turnAway(tooMany);
  }

  private start(arrived: Arrived, atOnce: boolean): void {
    this.inFlight += 1;
    if (atOnce) void this.handle(arrived);
    else setImmediate(() => void this.handle(arrived));
  }

  private turnAway({ endpoint, reply }: Arrived): void {
    endpoint.refused += 1;
    TURNED_AWAY.inc({ verb: endpoint.verb });
    const options = { retryAfterMs: RETRY_AFTER_MS };
    this.refuse(endpoint, reply, new Failure('UNAVAILABLE', 'too many requests at once; try again', options));
  }

  private async handle({ endpoint, message, arrivedMs, reply }: Arrived): Promise<void> {
    const startedMs = monotonicMs();
    const traceparent = message.headers?.get(TRACEPARENT_HEADER);
    let outcome = 'ok';
    try {
      const work = (): Promise<void> => this.answer(endpoint, message, arrivedMs, reply);
      await inSpan(endpoint.verb, SpanKind.SERVER, work, contextIn(traceparent));
      endpoint.succeeded();
    } catch (error) {
      const failure = failureOf(error) ?? this.defect(endpoint, error);
      outcome = failure.code;
      this.refuse(endpoint, reply, failure);
    } finally {
      const endedMs = monotonicMs();
      endpoint.ended(endedMs - arrivedMs, endedMs - startedMs);
      this.requests.add(endpoint.verb, message.subject, outcome, endedMs - arrivedMs, traceparent);
      this.inFlight -= 1;
      const next = this.queue.take();
      if (next) this.start(next, false);
      if (this.inFlight === 0) this.idle?.();
    }
  }

  private async answer(endpoint: Endpoint, message: Msg, arrivedMs: number, reply: string | undefined): Promise<void> {
    const startedMs = monotonicMs();
    const { headers } = message;
    const timeoutMs = timeoutFrom(headers?.get(TIMEOUT_HEADER)) ?? this.limits.defaultTimeoutMs;
    const deadline = new Deadline(timeoutMs, monotonicMs, arrivedMs);
    if (reply !== undefined) this.checkDeadline(endpoint, deadline);
    const decoded = decodeJson(message.data);
    if (decoded.kind === 'malformed') throw new Failure('INVALID_ARGUMENT', 'the message is not JSON in UTF-8');
    const context = new MessageContext(message.subject, headers, deadline, this.stopping.signal);
    const result: unknown = await endpoint.handler(decoded.value, context);
    const value = isObservable(result) ? await firstValueFrom(result, { defaultValue: undefined }) : result;
    if (reply !== undefined) this.respond(reply, value, this.timing(headers, startedMs));
  }

  /** For whoever traces the question. Only to the platform's own: a caller would learn times that its network blurs. */
  private timing(headers: MsgHdrs | undefined, startedMs: number): MsgHdrs | undefined {
    const { tellsTimeAs } = this.options;
    if (tellsTimeAs === undefined || !spanContextIn(headers?.get(TRACEPARENT_HEADER))?.traceFlags) return undefined;
    const lines = newHeaders();
    lines.set(TIMING_HEADER, `${tellsTimeAs};dur=${(monotonicMs() - startedMs).toFixed(3)}`);
    return lines;
  }

  /** Answers even so: the arrival is known only as not earlier, so somebody may still be there. */
  private checkDeadline(endpoint: Endpoint, deadline: Deadline): void {
    if (!deadline.expired) return;
    endpoint.expired += 1;
    deadline.check();
  }

  private respond(reply: string, value: unknown, headers?: MsgHdrs): void {
    const data = encodeJson(value);
    if (data.length > this.limits.maxPayload) throw new Error(`the answer is ${data.length} bytes`);
    this.connection.publish(reply, data, headers && { headers });
  }

  private refuse(endpoint: Endpoint, reply: string | undefined, failure: Failure): void {
    endpoint.failed(failure.code);
    if (reply === undefined) return this.quiet.warn(`an event failed with ${failure.code}`, endpoint.subject);
    const { data, headers } = failureReply(failure);
    try {
      this.connection.publish(reply, data, { headers });
    } catch (error) {
      this.quiet.warn(`a failure could not be answered: ${reasonOf(error)}`, endpoint.subject);
    }
  }

  /** The caller learns only that it is one; what it was is for the log. */
  private defect(endpoint: Endpoint, error: unknown): Failure {
    this.options.bus.settings.log.error('a handler failed', {
      subject: endpoint.subject,
      reason: reasonOf(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
    return new Failure('INTERNAL');
  }

  private async drain(): Promise<void> {
    this.stopping.abort();
    this.discovery?.unsubscribe();
    const open = this.subscriptions.filter((subscription) => !subscription.isClosed());
    if (!this.connection.isClosed()) await this.atMost(Promise.allSettled(open.map((one) => one.drain())));
    if (this.inFlight > 0) await this.atMost(new Promise<void>((resolve) => (this.idle = resolve)));
    if (this.inFlight > 0)
      this.options.bus.settings.log.warn('closing with requests under way', { inFlight: this.inFlight });
    this.arrival.stop();
    if (!this.connection.isClosed()) await this.atMost(this.connection.flush().catch(() => undefined));
  }

  private async atMost(work: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.limits.drainMs);
    });
    await Promise.race([work, tooLate]);
    clearTimeout(timer);
  }
}
