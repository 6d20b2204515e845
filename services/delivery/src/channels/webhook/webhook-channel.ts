import { request as overHttp, type RequestOptions } from 'node:http';
import { request as overHttps } from 'node:https';
import { isIP } from 'node:net';
import type { CodeWebhook, Tenant } from '@countersign/contracts';
import type { Clock } from '@countersign/runtime';
import type { Endpoint, TenantSettings } from '../../tenants/tenant-settings.js';
import type { ChannelDriver, Outcome, Outgoing } from '../channel.js';
import { payloadOf } from '../payload.js';
import { splitRecipient, unsendable } from '../unsendable.js';
import { UnreachableAddress, type Reachable } from './reachable.js';
import { signed } from './signature.js';

const MS = 1000;
/** Of HTTP's 4xx these are about the moment, not about the message (RFC 9110 section 15.5, RFC 8470, RFC 6585). */
const LATER = [408, 425, 429];

/** A POST to an endpoint that the tenant's configuration names, signed as Standard Webhooks 1.0.0 says. */
export class WebhookChannel implements ChannelDriver {
  readonly name = 'webhook';

  constructor(
    private readonly tenants: TenantSettings,
    private readonly reachable: Reachable,
    private readonly clock: Clock,
  ) {}

  check(tenant: Tenant, to: string): void {
    this.endpoint(tenant, to);
  }

  async send(message: Outgoing, signal: AbortSignal): Promise<Outcome> {
    const { endpoint, recipient } = this.endpoint(message.tenant, message.to);
    const now = this.clock.now();
    const webhook: CodeWebhook = {
      type: 'countersign.code',
      timestamp: new Date(now).toISOString(),
      data: payloadOf(message, recipient),
    };
    const body = JSON.stringify(webhook);
    const headers = signed(endpoint.secrets, `msg_${message.id}`, Math.floor(now / MS), body);
    try {
      return outcomeOf(await this.post(endpoint, headers, body, signal));
    } catch (error) {
      if (error instanceof UnreachableAddress) return { kind: 'refused', why: error.message };
      return { kind: 'again', why: (error as NodeJS.ErrnoException).code ?? 'error' };
    }
  }

  private endpoint(tenant: Tenant, to: string): { endpoint: Endpoint; recipient: string } {
    const { name, recipient } = splitRecipient(to, 'the name of an endpoint');
    const endpoint = this.tenants.of(tenant).endpoints.get(name);
    if (endpoint === undefined) throw unsendable('to', `this tenant has no endpoint ${name.slice(0, 32)}`);
    return { endpoint, recipient };
  }

  /** Resolves with the status. Follows no redirect; what is answered beside the status is not read. */
  private async post(
    { url, ca }: Endpoint,
    headers: Record<string, string>,
    body: string,
    signal: AbortSignal,
  ): Promise<number> {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // a host that is an address is not looked up
    if (isIP(host) !== 0 && !this.reachable.may(host)) throw new UnreachableAddress('an address that is not allowed');
    const options: RequestOptions = {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      lookup: this.reachable.lookup,
      agent: false,
      signal,
    };
    return new Promise((resolve, reject) => {
      const request =
        url.protocol === 'https:'
          ? overHttps(url, { ...options, minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) })
          : overHttp(url, options);
      request.once('response', (response) => {
        response.destroy();
        resolve(response.statusCode ?? 0);
      });
      request.once('error', reject);
      request.end(body);
    });
  }
}

function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return { kind: 'sent' };
  const why = `HTTP ${status}`;
  return status >= 500 || LATER.includes(status) ? { kind: 'again', why } : { kind: 'refused', why };
}
