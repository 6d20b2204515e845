import { headers, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { sleep } from '@countersign/runtime';
import { ensureStream, streams } from '../../libs/ledger/src/streams.js';

/** What a publish became, as JetStream says it. `silence`: nobody answered in time. */
export type Told =
  | { kind: 'stored'; seq: number; duplicate: boolean }
  | { kind: 'refused'; code: number; err_code: number; description: string }
  | 'silence';

interface Message {
  subject: string;
  seq: number;
  text: string;
}

/** The ledger's stream, asked in NATS's own words: nothing of ours between, but the stream's settings. */
export class Stream {
  private constructor(readonly connection: NatsConnection) {}

  static async at(server: string): Promise<Stream> {
    return new Stream(
      await connect({
        servers: [server],
        maxReconnectAttempts: -1,
        reconnectTimeWait: 100,
        ignoreClusterUpdates: true,
      }),
    );
  }

  /** The stream as the platform makes it; waits until JetStream has a leader. */
  async make(replicas: number): Promise<void> {
    const [ledger] = streams(replicas);
    await within(50_000, () =>
      ensureStream(this.connection, ledger!).then(
        () => true,
        () => undefined,
      ),
    );
  }

  async append(
    subject: string,
    text: string,
    after?: number,
    more: { timeoutMs?: number; messageId?: string } = {},
  ): Promise<Told> {
    const lines = headers();
    if (after !== undefined) lines.set('Nats-Expected-Last-Subject-Sequence', String(after));
    if (more.messageId !== undefined) lines.set('Nats-Msg-Id', more.messageId);
    const told = (await this.ask(`ledger.${subject}`, text, lines, more.timeoutMs)) as
      'silence' | { error?: { code: number; err_code: number; description: string }; seq: number; duplicate?: boolean };
    if (told === 'silence') return told;
    const { error, seq, duplicate = false } = told; // a refusal says seq 0 beside its error
    return error === undefined ? { kind: 'stored', seq, duplicate } : { kind: 'refused', ...error };
  }

  /** Appends, and again until it is known to be stored; its sequence. */
  appended(subject: string, text: string, after = 0): Promise<number> {
    return within(30_000, async () => {
      const told = await this.append(subject, text, after);
      if (told === 'silence') return undefined;
      if (told.kind === 'stored') return told.seq;
      const mine = await this.last(subject); // stored before, and nobody heard of it
      return typeof mine === 'object' && mine.text === text ? mine.seq : undefined;
    });
  }

  last = (subject: string): Promise<Message | number | 'silence'> => this.get({ last_by_subj: `ledger.${subject}` });
  at = (seq: number): Promise<Message | number | 'silence'> => this.get({ seq });
  next = (seq: number, subject: string): Promise<Message | number | 'silence'> =>
    this.get({ seq, next_by_subj: `ledger.${subject}` });

  async info(): Promise<{ created: string; ts: string; lastSequence: number; leader: string | undefined } | 'silence'> {
    const told = (await this.ask('$JS.API.STREAM.INFO.ledger', '')) as
      | 'silence'
      | { error: object }
      | { error?: undefined; created: string; ts: string; state: { last_seq: number }; cluster?: { leader?: string } };
    if (told === 'silence' || told.error !== undefined) return 'silence';
    return { created: told.created, ts: told.ts, lastSequence: told.state.last_seq, leader: told.cluster?.leader };
  }

  /** Its leader lets another one be elected. */
  stepDown = (): Promise<unknown> => this.ask('$JS.API.STREAM.LEADER.STEPDOWN.ledger', '');

  async lastSequence(): Promise<number> {
    return within(10_000, async () => {
      const info = await this.info();
      return info === 'silence' ? undefined : info.lastSequence;
    });
  }

  /** The message; the error's err_code; or silence. */
  private async get(query: object): Promise<Message | number | 'silence'> {
    const told = (await this.ask('$JS.API.STREAM.MSG.GET.ledger', JSON.stringify(query), headers(), 500)) as
      | 'silence'
      | { error: { err_code: number } }
      | { error?: never; message: { subject: string; seq: number; data: string } };
    if (told === 'silence') return told;
    if (told.error !== undefined) return told.error.err_code;
    const { subject, seq, data } = told.message;
    return { subject: subject.slice('ledger.'.length), seq, text: Buffer.from(data, 'base64').toString() };
  }

  private async ask(subject: string, body: string, lines = headers(), timeout = 2000): Promise<unknown> {
    try {
      const reply = await this.connection.request(subject, body, { timeout, headers: lines });
      return reply.data.length === 0 ? 'silence' : reply.json();
    } catch {
      return 'silence';
    }
  }
}

/** What `look` gives once it gives something. */
export async function within<T>(ms: number, look: () => Promise<T | undefined>): Promise<T> {
  for (const endMs = performance.now() + ms; performance.now() < endMs; await sleep(20)) {
    const seen = await look();
    if (seen !== undefined) return seen;
  }
  throw new Error(`not within ${ms} ms`);
}
