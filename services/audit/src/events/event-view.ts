import { NOBODY_TOKEN, type EventView } from '@countersign/contracts';
import type { Message } from '@countersign/ledger';

/**
 * What stays inside: the state (it holds digests of origins and of requests), the append's nonce, and the digest that
 * recognises a repeated request.
 */
const HIDDEN = ['state', 'nonce', 'request', 'v'];
/** What the ledger itself says of an event, whatever the event says. */
const OWN = ['sequence', 'storedAt', 'account'];

/** An account's, the tenant's own, or in a lane of `_nobody`: every subject of the ledger but a device's record. */
const EVENT_SUBJECT = new RegExp(`^ledger\\.[^.]+\\.(?:[^.]+|${NOBODY_TOKEN}\\.[^.]+)$`);
export const holdsEvents = (subject: string): boolean => EVENT_SUBJECT.test(subject);

/** An event as its tenant may see it. What is no JSON object with a type is shown as `unreadable`. */
export function eventView({ subject, sequence, storedAt, data }: Message): EventView {
  const [, , account = ''] = subject.split('.');
  const view = { sequence, storedAt, account };
  const event = objectIn(data);
  if (typeof event?.type !== 'string') return { ...view, type: 'unreadable' };
  const shown = Object.entries(event).filter(([field]) => !HIDDEN.includes(field) && !OWN.includes(field));
  return { ...view, ...Object.fromEntries(shown) } as EventView; // written by services, each as its type says
}

/** The JSON object in a message, if it is one. */
export function objectIn(data: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
