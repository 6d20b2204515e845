import type { CodeToPassOn } from '@countersign/contracts';
import type { Outgoing } from './channel.js';

/** What a webhook's endpoint and a courier are given: all they need to pass the code on. docs/delivery.md shows it. */
export function payloadOf(message: Outgoing, recipient: string): CodeToPassOn {
  const { id, account, challenge, code, words, language, purpose, fields, expiresAt } = message;
  const { subject, text } = words;
  return {
    id,
    account,
    challenge,
    to: recipient,
    code,
    subject,
    text,
    language,
    ...(purpose !== undefined && { purpose }),
    ...fields,
    expiresAt,
  };
}
