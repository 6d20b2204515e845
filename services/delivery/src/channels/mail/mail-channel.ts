import { createTransport } from 'nodemailer';
import type { Tenant } from '@countersign/contracts';
import type { Secret } from '@countersign/runtime';
import type { TenantSettings } from '../../tenants/tenant-settings.js';
import type { ChannelDriver, Outcome, Outgoing } from '../channel.js';
import { unsendable } from '../unsendable.js';
import { isMailAddress, type Mailbox } from './address.js';

/** The relay that takes mail of all tenants. */
export interface Relay {
  host: string;
  port: number;
  /** tls: from the first byte. starttls: before anything is said. none: a relay on this machine */
  security: 'tls' | 'starttls' | 'none';
  login?: { user: string; password: Secret };
  /** PEM of the certificates to trust; absent: the system's */
  ca?: string;
}

/** What nodemailer says of a failure. Its texts hold what the relay said, and so may hold the code. */
interface MailError {
  code?: string;
  responseCode?: number;
  permanent?: boolean;
}

/** What a relay refuses at its door (our login, TLS) is about us, and can be mended while the code lives. */
const ABOUT_THE_MESSAGE = ['EENVELOPE', 'EMESSAGE'];

/** Mail by SMTP, one connection for each attempt. */
export class MailChannel implements ChannelDriver {
  readonly name = 'mail';

  constructor(
    private readonly relay: Relay | undefined,
    private readonly tenants: TenantSettings,
  ) {}

  check(tenant: Tenant, to: string): void {
    this.sender(tenant);
    if (!isMailAddress(to)) throw unsendable('to', 'one plain mail address');
  }

  async send(message: Outgoing, signal: AbortSignal): Promise<Outcome> {
    const { relay, from } = this.sender(message.tenant);
    const { words, to } = message;
    try {
      await transportTo(relay).sendMail({
        from,
        to: { name: '', address: to },
        envelope: { from: from.address, to: [to] },
        messageId: `<${message.id}@${from.address.split('@')[1]}>`,
        subject: words.subject,
        text: words.text,
        ...(words.html !== undefined && { html: words.html }),
        headers: { 'Auto-Submitted': 'auto-generated' }, // RFC 3834: nobody's holiday notice answers
        disableFileAccess: true,
        disableUrlAccess: true,
        signal,
      });
      return { kind: 'sent' };
    } catch (error) {
      const { code = 'error', responseCode, permanent } = error as MailError;
      const why = responseCode === undefined ? code : `${code} ${responseCode}`;
      return permanent === true && ABOUT_THE_MESSAGE.includes(code) ? { kind: 'refused', why } : { kind: 'again', why };
    }
  }

  private sender(tenant: Tenant): { relay: Relay; from: Mailbox } {
    const { from } = this.tenants.of(tenant);
    if (this.relay === undefined) throw unsendable('channel', 'no mail is sent here: there is no relay');
    if (from === undefined) throw unsendable('channel', 'no mail is sent for this tenant: it has no sender');
    return { relay: this.relay, from };
  }
}

function transportTo({ host, port, security, login, ca }: Relay) {
  return createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
    ...(login && { auth: { user: login.user, pass: login.password.reveal().toString('utf8') } }),
  });
}
