import { parseTenant } from '@countersign/contracts';
import { Secret, SystemClock } from '@countersign/runtime';
import type { ChannelDriver } from '../channels/channel.js';
import type { InHand } from '../sending/sender.js';
import { Template } from '../templates/template.js';

export const CODE = '394820';

export function templateOf(text: string, html?: string): Template {
  const template = Template.parse(text, html);
  if (template instanceof Template) return template;
  throw new Error(`line ${template.line}: ${template.problem}`);
}

let drawn = 0;

/** A message in hand, with an id of its own, that expires in a minute. */
export function messageTo(channel: ChannelDriver, to: string, change: Partial<InHand> = {}): InHand {
  drawn += 1;
  return {
    id: String(drawn).padStart(30, '0'),
    tenant: parseTenant('acme'),
    account: '0123456789abcdefghjk',
    challenge: 'mnpqrstvwxyz0123',
    to,
    language: 'en',
    fields: {},
    expiresAt: new SystemClock().now() + 60_000,
    channel,
    code: Secret.fromText(CODE),
    template: templateOf('Subject: Your code\n\nYour code is {{code}}, for {{minutes}} minutes.\n'),
    ...change,
  };
}
