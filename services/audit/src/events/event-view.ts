import type { EventView } from '@countersign/contracts';
import type { Message } from '@countersign/ledger';

/**
 * What stays inside: the state (it holds digests of origins and of requests), the append's nonce, and the digest that
 * recognises a repeated request.
 */
const HIDDEN = ['state', 'nonce', 'request', 'v'];

/** An event as its tenant may see it. What the ledger holds there and is no JSON object is shown as `unreadable`. */
export function eventView({ subject, sequence, storedAt, data }: Message): EventView {
  const account = subject.slice(subject.lastIndexOf('.') + 1);
  const event = objectIn(data);
  if (event === undefined) return { sequence, storedAt, account, type: 'unreadable' };
  const shown = Object.entries(event).filter(([field]) => !HIDDEN.includes(field));
  return { type: 'unreadable', ...Object.fromEntries(shown), sequence, storedAt, account };
}

export function objectIn(data: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
