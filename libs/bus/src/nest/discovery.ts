import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core';
import { registry } from '@countersign/observe';
import { isReplySubject } from '../reply-subject.js';
import { encodeJson } from '../wire.js';
import type { Endpoint } from './endpoint.js';

/** What this service calls itself (ADR-32). */
export interface ServiceIdentity {
  /** `[a-zA-Z0-9_-]+`, the same for all replicas */
  name: string;
  /** semantic version 2.0 */
  version: string;
  description?: string;
  metadata?: Record<string, string>;
}

const NAME = /^[a-zA-Z0-9_-]+$/;
const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/**
 * Answers `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS` (ADR-32 of NATS) and `$SRV.METRICS` (ours: what `/metrics` serves),
 * each also with `.<name>` and `.<name>.<id>`.
 */
export class Discovery {
  private subscriptions: Subscription[] = [];

  /** `startedAt` is ISO 8601, UTC. Throws Error for a name or version that ADR-32 does not allow. */
  constructor(
    private readonly service: ServiceIdentity,
    private readonly id: string,
    private readonly startedAt: string,
    private readonly endpoints: readonly Endpoint[],
    private readonly replyPrefixes: readonly string[],
  ) {
    if (!NAME.test(service.name)) throw new Error(`the service's name ${JSON.stringify(service.name)} is not ${NAME}`);
    if (!VERSION.test(service.version))
      throw new Error(`the service's version ${JSON.stringify(service.version)} is not semantic (1.2.3)`);
  }

  subscribe(connection: NatsConnection, refused: (subject: string, error: Error) => void): void {
    const { name } = this.service;
    const answers = {
      PING: () => this.ping(),
      INFO: () => this.info(),
      STATS: () => this.stats(),
      METRICS: () => this.metrics(),
    };
    for (const [verb, answer] of Object.entries(answers))
      for (const subject of [`$SRV.${verb}`, `$SRV.${verb}.${name}`, `$SRV.${verb}.${name}.${this.id}`])
        this.subscriptions.push(
          connection.subscribe(subject, {
            callback: (error, message) =>
              error ? refused(subject, error) : void this.reply(connection, message, answer),
          }),
        );
  }

  /** No longer found by those who look for services. */
  unsubscribe(): void {
    for (const subscription of this.subscriptions) if (!subscription.isClosed()) subscription.unsubscribe();
    this.subscriptions = [];
  }

  private async reply(connection: NatsConnection, message: Msg, answer: () => object | Promise<object>): Promise<void> {
    const { reply } = message;
    if (!isReplySubject(reply, this.replyPrefixes)) return;
    const data = encodeJson(await answer());
    if (!connection.isClosed() && !connection.isDraining()) connection.publish(reply, data);
  }

  private ping(): object {
    return { type: 'io.nats.micro.v1.ping_response', ...this.common() };
  }

  private info(): object {
    const endpoints = this.endpoints.map(({ name, subject, queue }) => ({
      name,
      subject,
      ...(queue !== undefined && { queue_group: queue }),
      metadata: {},
    }));
    const description = this.service.description ?? '';
    return { type: 'io.nats.micro.v1.info_response', ...this.common(), description, endpoints };
  }

  private stats(): object {
    const endpoints = this.endpoints.map((endpoint) => ({
      name: endpoint.name,
      subject: endpoint.subject,
      ...(endpoint.queue !== undefined && { queue_group: endpoint.queue }),
      num_requests: endpoint.requests,
      num_errors: endpoint.errors,
      last_error: endpoint.lastError,
      processing_time: nanoseconds(endpoint.processingMs),
      average_processing_time: nanoseconds(endpoint.requests === 0 ? 0 : endpoint.processingMs / endpoint.requests),
      data: { dropped: endpoint.dropped, expired: endpoint.expired, refused: endpoint.refused },
    }));
    return { type: 'io.nats.micro.v1.stats_response', ...this.common(), started: this.startedAt, endpoints };
  }

  private async metrics(): Promise<object> {
    return { type: 'countersign.metrics', ...this.common(), text: await registry.metrics() };
  }

  private common(): object {
    const { name, version, metadata } = this.service;
    return { name, id: this.id, version, metadata: metadata ?? {} };
  }
}

const nanoseconds = (ms: number): number => Math.round(ms * 1e6);
