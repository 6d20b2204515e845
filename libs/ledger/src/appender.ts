import { headers as newHeaders } from '@nats-io/nats-core';
import { Failure } from '@countersign/contracts';
import { reasonOf, sleep, type Log, type Random } from '@countersign/runtime';
import type { Bus } from '@countersign/bus';
import { MAX_EVENT_BYTES } from '@countersign/account';
import type { StreamReader } from './stream-reader.js';

export type Appended =
  | { kind: 'stored'; sequence: number }
  /** another event came between; `last` is the subject's last sequence where the server named it */
  | { kind: 'conflict'; last?: number };

type Outcome = Appended | { kind: 'unknown'; reason: string };

interface PublishReply {
  seq?: number;
  error?: { code: number; err_code?: number; description?: string };
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
  constructor(
    private readonly bus: Bus,
    private readonly reader: StreamReader,
    private readonly random: Random,
    private readonly log: Log,
    private readonly ackTimeoutMs = 2000,
  ) {}

  /**
   * Adds `after` and a fresh nonce to `body` and appends it. Resolves only when the outcome is known, however long that
   * takes; the caller holds the account meanwhile. Throws LIMIT for more than 16 KiB, with nothing written.
   */
  async append(subject: string, body: object, after: number): Promise<Appended> {
    const nonce = this.random.bytes(NONCE_BYTES).toString('base64url');
    const data = Buffer.from(JSON.stringify({ ...body, after, nonce }));
    if (data.length > MAX_EVENT_BYTES)
      throw new Failure('LIMIT', `the event has ${data.length} bytes; at most ${MAX_EVENT_BYTES} are written`);
    let outcome = await this.publish(subject, data, after);
    if (outcome.kind !== 'unknown') return outcome;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      this.log.warn('an append has an unknown outcome; settling it', { subject, after, reason: outcome.reason });
      const settled = await this.look(subject, after, nonce);
      if (settled === undefined) outcome = await this.publish(subject, data, after);
      else if (settled.kind !== 'unknown') return settled;
      if (outcome.kind === 'stored') return outcome;
      // A conflict here may be with my own earlier append: only the next look tells.
      if (outcome.kind === 'conflict') outcome = { kind: 'unknown', reason: 'conflict after an unknown outcome' };
      await sleep(pauseMs);
    }
  }

  /** Appends without a comparison: only for events that carry no state. */
  async appendUnconditionally(subject: string, body: object): Promise<number> {
    const nonce = this.random.bytes(NONCE_BYTES).toString('base64url');
    const outcome = await this.publish(subject, Buffer.from(JSON.stringify({ ...body, nonce })));
    if (outcome.kind === 'stored') return outcome.sequence;
    throw new Failure('UNAVAILABLE', 'the ledger did not acknowledge');
  }

  private async look(subject: string, after: number, nonce: string): Promise<Outcome | undefined> {
    try {
      const message = await this.reader.next(after + 1, subject);
      if (message === undefined) return undefined;
      const mine = (JSON.parse(Buffer.from(message.data).toString('utf8')) as { nonce?: string }).nonce === nonce;
      return mine ? { kind: 'stored', sequence: message.sequence } : { kind: 'conflict' };
    } catch (error) {
      return { kind: 'unknown', reason: reasonOf(error) };
    }
  }

  private async publish(subject: string, data: Uint8Array, after?: number): Promise<Outcome> {
    const headers = newHeaders();
    if (after !== undefined) headers.set('Nats-Expected-Last-Subject-Sequence', String(after));
    try {
      const answer = await this.bus.ask(subject, data, headers, this.ackTimeoutMs);
      if (answer.kind === 'refused')
        throw new Failure('FORBIDDEN', `NATS does not let this identity append ${subject}`);
      if (answer.kind !== 'reply') return { kind: 'unknown', reason: answer.kind };
      return outcomeOf(JSON.parse(Buffer.from(answer.message.data).toString('utf8')) as PublishReply);
    } catch (error) {
      if (error instanceof Failure && error.code === 'FORBIDDEN') throw error;
      return { kind: 'unknown', reason: reasonOf(error) };
    }
  }
}

function outcomeOf({ seq, error }: PublishReply): Outcome {
  if (error === undefined && seq !== undefined) return { kind: 'stored', sequence: seq };
  if (error?.err_code === undefined || !WRONG_LAST_SEQUENCE.includes(error.err_code))
    return { kind: 'unknown', reason: error?.description ?? 'an acknowledgement of another shape' };
  const last = NAMED_LAST.exec(error.description ?? '')?.[1];
  return { kind: 'conflict', ...(last !== undefined && { last: Number(last) }) };
}
