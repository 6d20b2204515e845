import type { Channel, DeliveryFields, Tenant } from '@countersign/contracts';
import type { Words } from '../templates/template.js';

/** A code on its way out, as it is for one attempt. */
export interface Outgoing {
  /** the same at every attempt, so that the other side can tell a repetition */
  id: string;
  tenant: Tenant;
  account: string;
  challenge: string;
  to: string;
  code: string;
  words: Words;
  /** of the words */
  language: string;
  purpose?: string;
  fields: DeliveryFields;
  /** ms since 1970 */
  expiresAt: number;
}

/**
 * What one attempt came to. sent: the other side took it. again: it may take it later. refused: it never will. `why` is
 * in words of ours and goes to the log: what the other side said may repeat the code.
 */
export type Outcome = { kind: 'sent' } | { kind: 'again'; why: string } | { kind: 'refused'; why: string };

/** One way of sending. A new one is a folder beside these and a line in `channels.ts`; it runs `channel.suite.ts`. */
export interface ChannelDriver {
  readonly name: Channel;
  /** Throws INVALID_ARGUMENT, naming `channel` or `to`, when this tenant cannot send there. */
  check(tenant: Tenant, to: string): void;
  /** One attempt, which ends soon after `signal` at the latest. Rejects for defects only. */
  send(message: Outgoing, signal: AbortSignal): Promise<Outcome>;
}
