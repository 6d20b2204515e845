import { headers as newHeaders } from '@nats-io/nats-core';
import { Failure } from '@countersign/contracts';
import { reasonOf, sleep, type Log, type Random } from '@countersign/runtime';
import { SpanKind } from '@opentelemetry/api';
import { inSpan, monotonicMs, type Bus } from '@countersign/bus';
import { MAX_EVENT_BYTES } from '@countersign/account';
import { APPEND_SECONDS, UNSETTLED } from './ledger-metrics.js';
import type { StreamReader } from './stream-reader.js';

export type Appended =
  | { kind: 'stored'; sequence: number }
  /** another event came between; `last` is the subject's last sequence where the server named it */
  | { kind: 'conflict'; last?: number };

type Outcome = Appended | { kind: 'unknown'; reason: string } | { kind: 'refused' };
type Found = Appended | { kind: 'none' | 'unknown' };

interface PublishReply {
  seq?: number;
  error?: { code: number; err_code?: number; description?: string };
}

interface Draft {
  subject: string;
  data: Uint8Array;
  nonce: string;
  after: number;
}

const NONCE_BYTES = 9; // 72 bits: no two appends that could be confused share one
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;
const WRONG_LAST_SEQUENCE = [10071, 10164];
const NAMED_LAST = /wrong last sequence: (\d+)/;

/**
 * Appends after a named sequence, and knows what became of it.
 *
 * An acknowledgement or a clean refusal is final. Anything else is unknown and is settled, never guessed: the leader is
 * asked for the first message after the expected sequence; mine: stored; another's: lost; none: the same bytes are
 * appended again (a read proves nothing about absence: only an append proves that an earlier one cannot land later).
 * `Nats-Msg-Id` is not used: under faults its "duplicate" acknowledgements name messages that were never stored.
 */
export class Appender {
  /** appends whose outcome is not known yet */
  unsettled = 0;

  constructor(
    private readonly bus: Bus,
    private readonly reader: StreamReader,
    private readonly random: Random,
    private readonly log: Log,
    private readonly ackTimeoutMs = 2000,
  ) {}

  /**
   * Adds `after` and a fresh nonce to `body` and appends it. Resolves only when the outcome is known, however long that
   * takes; the caller holds the account meanwhile. Throws LIMIT for more than 16 KiB and FORBIDDEN, with nothing
   * written; OUTCOME_UNKNOWN only when the connection was closed for good.
   */
  async append(subject: string, body: object, after: number): Promise<Appended> {
    const nonce = this.random.bytes(NONCE_BYTES).toString('base64url');
    const data = Buffer.from(JSON.stringify({ ...body, after, nonce }));
    if (data.length > MAX_EVENT_BYTES)
      throw new Failure('LIMIT', `the event has ${data.length} bytes; at most ${MAX_EVENT_BYTES} are written`);
    const startedMs = monotonicMs();
    const outcome = await inSpan('ledger append', SpanKind.CLIENT, async (span) => {
      const known = await this.publish(subject, data, after);
      span.setAttribute('countersign.outcome', known.kind);
      return known;
    });
    APPEND_SECONDS.observe({ outcome: outcome.kind }, (monotonicMs() - startedMs) / 1000);
    switch (outcome.kind) {
      case 'unknown':
        return this.untilKnown(subject, outcome.reason, () => this.settle({ subject, data, nonce, after }));
      case 'refused':
        throw new Failure('FORBIDDEN', `NATS does not let this identity append ${subject}`);
      default:
        return outcome;
    }
  }

  /** One look and, where nothing is found, one more append of the same bytes. */
  private async settle({ subject, data, nonce, after }: Draft): Promise<Appended | undefined> {
    const found = await this.look(subject, after, nonce);
    if (found.kind === 'stored' || found.kind === 'conflict') return found;
    if (found.kind === 'unknown') return undefined;
    const again = await this.publish(subject, data, after);
    // A conflict may be with my own earlier append, and a right taken away says nothing of it: the next look tells.
    return again.kind === 'stored' ? again : undefined;
  }

  private async untilKnown(
    subject: string,
    reason: string,
    work: () => Promise<Appended | undefined>,
  ): Promise<Appended> {
    this.log.warn('an append has an unknown outcome; settling it', { subject, reason });
    this.unsettled += 1;
    UNSETTLED.inc();
    try {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
        const known = await work();
        if (known !== undefined) return known;
        if (this.bus.connection.isClosed()) throw new Failure('OUTCOME_UNKNOWN');
        await sleep(pauseMs);
      }
    } finally {
      this.unsettled -= 1;
      UNSETTLED.dec();
    }
  }

  private async look(subject: string, after: number, nonce: string): Promise<Found> {
    try {
      const message = await this.reader.next(after + 1, subject);
      if (message === undefined) return { kind: 'none' };
      return nonceOf(message.data) === nonce ? { kind: 'stored', sequence: message.sequence } : { kind: 'conflict' };
    } catch {
      return { kind: 'unknown' }; // the leader does not answer now
    }
  }

  private async publish(subject: string, data: Uint8Array, after: number): Promise<Outcome> {
    const headers = newHeaders();
    headers.set('Nats-Expected-Last-Subject-Sequence', String(after));
    try {
      const answer = await this.bus.ask(subject, data, headers, this.ackTimeoutMs);
      if (answer.kind === 'refused') return { kind: 'refused' };
      if (answer.kind !== 'reply') return { kind: 'unknown', reason: answer.kind };
      return outcomeOf(JSON.parse(Buffer.from(answer.message.data).toString('utf8')) as PublishReply);
    } catch (error) {
      return { kind: 'unknown', reason: reasonOf(error) };
    }
  }
}

/** Undefined for what is not an event: that is somebody else's. */
function nonceOf(data: Uint8Array): unknown {
  try {
    return (JSON.parse(Buffer.from(data).toString('utf8')) as { nonce?: unknown } | null)?.nonce;
  } catch {
    return undefined;
  }
}

function outcomeOf({ seq, error }: PublishReply): Outcome {
  if (error === undefined && seq !== undefined) return { kind: 'stored', sequence: seq };
  if (error?.err_code === undefined || !WRONG_LAST_SEQUENCE.includes(error.err_code))
    return { kind: 'unknown', reason: error?.description ?? 'an acknowledgement of another shape' };
  const last = NAMED_LAST.exec(error.description ?? '')?.[1];
  return { kind: 'conflict', ...(last !== undefined && { last: Number(last) }) };
}
