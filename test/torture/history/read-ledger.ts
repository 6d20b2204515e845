import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { LEDGER_STREAM } from '@countersign/contracts';
import type { LedgerMessage } from './entry.js';

const IN_FLIGHT = 2_000;

/** Everything in the ledger, in order, as it lies there now. `connection`: of the tests' own, which may make a consumer. */
export async function* readLedger(connection: NatsConnection): AsyncGenerator<LedgerMessage> {
  const consumer = await jetstream(connection, { checkAPI: false }).consumers.get(LEDGER_STREAM);
  if ((await consumer.info()).num_pending === 0) return;
  const messages = await consumer.consume({ max_messages: IN_FLIGHT });
  for await (const { seq: sequence, subject, timestamp, info, data } of messages) {
    yield { sequence, subject, storedAt: Date.parse(timestamp), body: bodyOf(data) };
    if (info.pending === 0) return;
  }
}

/** What is no object has no fields. */
function bodyOf(data: Uint8Array): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
