import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Secret, SystemClock } from '@countersign/runtime';
import { TenantSettings, type Endpoint } from '../../tenants/tenant-settings.js';
import { selfSigned } from '../../testing/certificate.js';
import { CODE, messageTo } from '../../testing/messages.js';
import type { InHand } from '../../sending/sender.js';
import type { Outcome } from '../channel.js';
import { channelSuite, type Trouble } from '../channel.suite.js';
import { Reachable, isNetwork } from './reachable.js';
import { parseWebhookSecret, signed } from './signature.js';
import { WebhookChannel } from './webhook-channel.js';

const tls = selfSigned();
const HERE = new Reachable(['127.0.0.0/8', '::1/128']);
const SECRET = new Secret(Buffer.alloc(32, 7));
const tenantsWith = (endpoints: Record<string, Endpoint>): TenantSettings =>
  new TenantSettings(new Map([['acme', { language: 'en', endpoints: new Map(Object.entries(endpoints)) }]]));

/** A real HTTPS or HTTP server. */
class WebPeer {
  readonly took: { id: string; said: string; headers: Record<string, unknown> }[] = [];
  readonly asked: string[] = [];
  status: number | 'silent' = 204;
  private readonly server: Server;

  constructor(scheme: 'http' | 'https' = 'https') {
    const listener: RequestListener = (request, response) => {
      this.asked.push(request.url ?? '');
      let said = '';
      request.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
      request.on('end', () => {
        if (this.status === 'silent') return;
        const { data } = JSON.parse(said) as { data: { id: string } };
        if (this.status < 300) this.took.push({ id: data.id, said, headers: request.headers });
        // the whole message, as a chatty server might
        response.writeHead(this.status, said.replaceAll(/[^ -~]/g, ' '), { location: '/elsewhere' }).end(said);
      });
    };
    this.server = scheme === 'https' ? createHttps(tls, listener) : createHttp(listener);
  }

  async endpoint(host = '127.0.0.1', path = '/codes'): Promise<Endpoint> {
    if (!this.server.listening) await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const { port } = this.server.address() as AddressInfo;
    const scheme = 'setSecureContext' in this.server ? 'https' : 'http';
    return { url: new URL(`${scheme}://${host}:${port}${path}`), secrets: [SECRET], ca: tls.cert };
  }

  trouble(status: number | 'silent'): Trouble {
    return { begin: () => void (this.status = status), end: () => void (this.status = 204) };
  }

  end(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

channelSuite('webhook', async () => {
  const peer = new WebPeer();
  return {
    channel: new WebhookChannel(tenantsWith({ sms: await peer.endpoint() }), HERE, new SystemClock()),
    to: 'sms:+49 151 2345',
    wrong: ['', 'sms', 'sms:', ':+49', 'other:+49', '__proto__:x', 'https://elsewhere.example/', 'SMS:+49'],
    took: peer.took,
    later: peer.trouble(503),
    silent: peer.trouble('silent'),
    never: peer.trouble(410),
    mayRepeat: false,
    end: () => peer.end(),
  };
});

/** One attempt. */
function send(endpoint: Endpoint, reachable = HERE, change: Partial<InHand> = {}): Promise<Outcome> {
  const channel = new WebhookChannel(tenantsWith({ sms: endpoint }), reachable, { now: () => 1_800_000_000_123 });
  const { code, template, ...rest } = messageTo(channel, 'sms:+49 151 2345', change);
  const text = code.reveal().toString();
  return channel.send(
    { ...rest, code: text, words: template.render({ code: text, minutes: '5' }) },
    AbortSignal.timeout(10_000),
  );
}

describe('a webhook', () => {
  const [safe, open] = [new WebPeer('https'), new WebPeer('http')];
  beforeAll(() => Promise.all([safe.endpoint(), open.endpoint()]));
  afterAll(() => Promise.all([safe.end(), open.end()]));

  test('carries what is needed to pass the code on, signed under both secrets of a rotation', async () => {
    const secrets = [SECRET, new Secret(Buffer.alloc(24, 9))];
    const change = { purpose: 'rent', fields: { amount: '5 EUR' }, expiresAt: 1_800_000_300_000 };
    expect(await send({ ...(await safe.endpoint()), secrets }, HERE, change)).toEqual({ kind: 'sent' });
    const { id, said, headers } = safe.took.at(-1) ?? { id: '', said: '', headers: {} };
    expect(JSON.parse(said)).toEqual({
      type: 'countersign.code',
      timestamp: '2027-01-15T08:00:00.123Z',
      data: {
        id,
        account: '0123456789abcdefghjk',
        challenge: 'mnpqrstvwxyz0123',
        to: '+49 151 2345',
        code: CODE,
        subject: 'Your code',
        text: `Your code is ${CODE}, for 5 minutes.\n`,
        language: 'en',
        purpose: 'rent',
        amount: '5 EUR',
        expiresAt: 1_800_000_300_000,
      },
    });
    expect(headers).toMatchObject({ 'webhook-id': `msg_${id}`, 'webhook-timestamp': '1800000000' });
    expect(headers['webhook-signature']).toMatch(/^v1,\S{44} v1,\S{44}$/);
  });

  test.each([
    ['sent', [200, 202, 204, 299]],
    ['again', [408, 425, 429, 500, 502, 503, 504]],
    ['refused', [301, 302, 307, 308, 400, 401, 403, 404, 410, 422]],
  ] as const)('%s: %j', async (kind, statuses) => {
    for (const status of statuses) {
      safe.status = status;
      safe.asked.length = 0;
      expect(await send(await safe.endpoint())).toMatchObject({ kind });
      expect(safe.asked).toEqual(['/codes']); // and no redirect is followed
    }
    safe.status = 204;
  });

  test('is not posted to whose certificate nobody vouches for, or is for another name', async () => {
    safe.took.length = 0;
    const { ca: _ca, ...unknown } = await safe.endpoint();
    expect(await send(unknown)).toMatchObject({ kind: 'again', why: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(await send(await safe.endpoint('127.0.0.2'))).toMatchObject({ kind: 'again' });
    expect(safe.took).toEqual([]);
  });

  test.each(['127.0.0.1', 'localhost'])(
    'does not reach %s where that is not allowed, by address or by name',
    async (host) => {
      open.asked.length = 0;
      const nowhere = new Reachable([]);
      const refused = { kind: 'refused', why: 'an address that is not allowed' };
      expect(await send(await open.endpoint(host), nowhere)).toEqual(refused);
      expect(open.asked).toEqual([]);
      expect(await send(await open.endpoint(host), HERE)).toEqual({ kind: 'sent' });
    },
  );
});

describe('what a webhook may connect to', () => {
  const open = new Reachable([]);
  test.each(['8.8.8.8', '93.184.216.34', '172.15.0.1', '172.32.0.1', '192.167.1.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s is public',
    (address) => expect(open.may(address)).toBe(true),
  );
  test.each([
    ...['127.0.0.1', '127.255.0.1', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254'],
    ...['0.0.0.0', '100.64.0.1', '192.0.2.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '::', '::1'],
    ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '64:ff9b::7f00:1', 'fe80::1', 'fc00::1', 'fd12::1', 'ff02::1'],
    ...['2001:db8::1', '2002:7f00:1::', '2001::1', 'localhost', '127.1', '0x7f000001', ''],
  ])('%s is not', (address) => expect(open.may(address)).toBe(false));

  test('networks can be allowed', () => {
    const some = new Reachable(['10.1.0.0/16', 'fd00::/8']);
    expect(['10.1.2.3', '10.2.0.1', 'fd12::1', 'fc00::1'].map((address) => some.may(address))).toEqual([
      ...[true, false, true, false],
    ]);
    expect(['10.0.0.0/8', 'fd00::/8', '1.2.3.4/32'].every(isNetwork)).toBe(true);
    expect(['10.0.0.0', '10.0.0.0/33', 'x/8', '10.0.0.0/8/8', '::/129', '10.0.0.0/'].some(isNetwork)).toBe(false);
  });
});

describe('Standard Webhooks', () => {
  /** Of the specification's own test. */
  const VECTOR = {
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    atSeconds: 1614265330,
    body: '{"test": 2432232314}',
    signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };

  test('its vector is signed as published', () => {
    const secret = parseWebhookSecret(VECTOR.secret) as Secret;
    expect(signed([secret], VECTOR.id, VECTOR.atSeconds, VECTOR.body)).toEqual({
      'webhook-id': VECTOR.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': VECTOR.signature,
    });
  });

  test.each(['', 'whsec_', 'whsec_short', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', `whsec_${'A'.repeat(88)}`, 'whsec_!!!'])(
    'a secret %j is refused',
    (text) => expect(parseWebhookSecret(text)).toBeUndefined(),
  );
});
