import { createHmac } from 'node:crypto';
import { Secret } from '@countersign/runtime';

const PREFIX = 'whsec_';
/** Standard Webhooks 1.0.0, "Signature scheme": secrets have 24 to 64 random bytes. */
const [MIN_BYTES, MAX_BYTES] = [24, 64];

/** Reads `whsec_<base64>`. Undefined for anything else. */
export function parseWebhookSecret(text: string): Secret | undefined {
  const base64 = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : '';
  const bytes = Buffer.from(base64, 'base64');
  const fits = bytes.length >= MIN_BYTES && bytes.length <= MAX_BYTES && bytes.toString('base64') === base64;
  return fits ? new Secret(bytes) : undefined;
}

/** The three headers of Standard Webhooks, signed under each secret: two are valid while one takes the other's place. */
export function signed(secrets: Secret[], id: string, atSeconds: number, body: string): Record<string, string> {
  const content = `${id}.${atSeconds}.${body}`;
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret.reveal()).update(content).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': String(atSeconds),
    'webhook-signature': signatures.join(' '),
  };
}
