import { headers as newHeaders } from '@nats-io/nats-core';
import { Failure } from '@countersign/contracts';
import type { Bus } from '@countersign/bus';

/** One stored message. */
export interface Message {
  subject: string;
  sequence: number;
  data: Uint8Array;
  /** the value of `KV-Operation`, for tombstones of the directory */
  operation?: string;
  /** when the server stored it, ms since 1970 */
  storedAt: number;
}

/** What STREAM.INFO says, as far as the premises need it. */
export interface StreamInfo {
  /** identity of the stream: a stream made anew has another */
  created: string;
  lastSequence: number;
  firstSequence: number;
  replicas: number;
  /** the server's clock when it answered, ms since 1970; absent before nats-server 2.10 */
  serverTime?: number;
}

type Query = { last_by_subj: string } | { seq: number; next_by_subj?: string };
interface ApiError {
  code: number;
  err_code?: number;
  description?: string;
}

const NOT_FOUND = 10037;

/** Single messages of one stream, always from its leader (a replica may be behind). Throws UNAVAILABLE. */
export class StreamReader {
  constructor(
    private readonly bus: Bus,
    private readonly stream: string,
    private readonly timeoutMs = 2000,
  ) {}

  /** The last message of a subject. */
  last(subject: string): Promise<Message | undefined> {
    return this.get({ last_by_subj: subject });
  }

  /** The message at a sequence. */
  at(sequence: number): Promise<Message | undefined> {
    return this.get({ seq: sequence });
  }

  /** The first message at or after a sequence whose subject matches (wildcards allowed). */
  next(sequence: number, filter: string): Promise<Message | undefined> {
    return this.get({ seq: Math.max(1, sequence), next_by_subj: filter });
  }

  async info(): Promise<StreamInfo> {
    const reply = await this.api<{
      created: string;
      ts?: string;
      config: { num_replicas: number };
      state: { last_seq: number; first_seq: number };
    }>(`$JS.API.STREAM.INFO.${this.stream}`, '');
    if ('error' in reply) throw unavailable(this.stream, reply.error);
    return {
      created: reply.created,
      lastSequence: reply.state.last_seq,
      firstSequence: reply.state.first_seq,
      replicas: reply.config.num_replicas,
      ...(reply.ts !== undefined && { serverTime: Date.parse(reply.ts) }),
    };
  }

  private async get(query: Query): Promise<Message | undefined> {
    const reply = await this.api<{
      message: { subject: string; seq: number; data?: string; hdrs?: string; time: string };
    }>(`$JS.API.STREAM.MSG.GET.${this.stream}`, JSON.stringify(query));
    if ('error' in reply) {
      if (reply.error.err_code === NOT_FOUND) return undefined;
      throw unavailable(this.stream, reply.error);
    }
    const { subject, seq, data = '', hdrs, time } = reply.message;
    const operation = hdrs === undefined ? undefined : operationOf(Buffer.from(hdrs, 'base64').toString('latin1'));
    return {
      subject,
      sequence: seq,
      data: Buffer.from(data, 'base64'),
      ...(operation !== undefined && { operation }),
      storedAt: Date.parse(time),
    };
  }

  private async api<T extends object>(subject: string, body: string): Promise<T | { error: ApiError }> {
    const answer = await this.bus.ask(subject, Buffer.from(body), newHeaders(), this.timeoutMs);
    switch (answer.kind) {
      case 'reply':
        return JSON.parse(Buffer.from(answer.message.data).toString('utf8')) as T | { error: ApiError };
      case 'refused':
        throw new Failure('FORBIDDEN', `NATS does not let this identity read ${this.stream}`);
      default:
        throw new Failure('UNAVAILABLE', `JetStream did not answer for ${this.stream} (${answer.kind})`);
    }
  }
}

const unavailable = (stream: string, { code, description }: ApiError): Failure =>
  new Failure('UNAVAILABLE', `JetStream cannot read ${stream}: ${description ?? code}`);

const operationOf = (headers: string): string | undefined => /^KV-Operation: *(\S+)/im.exec(headers)?.[1];
