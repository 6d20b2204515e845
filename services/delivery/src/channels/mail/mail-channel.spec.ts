import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseTenant } from '@countersign/contracts';
import { Secret } from '@countersign/runtime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { TenantSettings } from '../../tenants/tenant-settings.js';
import { selfSigned } from '../../testing/certificate.js';
import { CODE, messageTo, templateOf } from '../../testing/messages.js';
import type { InHand } from '../../sending/sender.js';
import type { Outcome } from '../channel.js';
import { channelSuite, type Trouble } from '../channel.suite.js';
import { isMailAddress, parseMailbox } from './address.js';
import { MailChannel, type Relay } from './mail-channel.js';

const tls = selfSigned();
const from = { name: 'Acme', address: 'codes@acme.example' };
const tenants = new TenantSettings(new Map([['acme', { language: 'en', from, endpoints: new Map() }]]));

/** A real SMTP server over TCP. */
class MailPeer {
  readonly took: { id: string; said: string; secure: boolean; to: string[]; user?: string }[] = [];
  private answer: 'takes' | 'later' | 'silent' | 'never' = 'takes';
  private readonly server: SMTPServer;

  constructor(options: SMTPServerOptions = {}) {
    this.server = new SMTPServer({
      ...tls,
      authOptional: true,
      closeTimeout: 100,
      onAuth: ({ username, password }, _session, done) =>
        password === 'right' ? done(null, { user: username }) : done(new Error('Invalid login')),
      onData: (stream, session, done) => {
        let said = '';
        stream.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
        stream.on('end', () => {
          if (this.answer === 'silent') return;
          // the whole message, as a chatty relay might
          if (this.answer !== 'takes')
            return done(
              Object.assign(new Error(said.replaceAll(/\s+/g, ' ')), {
                responseCode: this.answer === 'later' ? 451 : 550,
              }),
            );
          const id = /^Message-ID: <(.*)@/im.exec(said)?.[1] ?? '';
          const to = session.envelope.rcptTo.map(({ address }) => address);
          const { secure, user } = session;
          this.took.push({ id, said, secure, to, ...(typeof user === 'string' && { user }) });
          done();
        });
      },
      ...options,
    });
    this.server.on('error', () => undefined); // a client that goes away is not the server's trouble
  }

  async relay(security: Relay['security'] = 'starttls', more: Partial<Relay> = {}): Promise<Relay> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const { port } = this.server.server.address() as AddressInfo;
    return { host: '127.0.0.1', port, security, ca: tls.cert, ...more };
  }

  trouble(kind: 'later' | 'silent' | 'never'): Trouble {
    return { begin: () => void (this.answer = kind), end: () => void (this.answer = 'takes') };
  }

  end(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

channelSuite('mail', async () => {
  const peer = new MailPeer();
  return {
    channel: new MailChannel(await peer.relay(), tenants),
    to: 'ada@example.org',
    wrong: [
      ...['', 'ada', '@example.org', 'ada@', 'a da@example.org', 'ada@example.org ', 'ada@@example.org'],
      ...['ada@example.org,eve@example.org', 'ada@example.org\r\nBcc: eve@example.org', 'Ada <ada@example.org>'],
      ...['"ada"@example.org', '<ada@example.org>', 'ada@[127.0.0.1]', 'ada@-example.org', 'ada@exa\u0000mple.org'],
      ...[`${'a'.repeat(65)}@example.org`, `ada@${'a.'.repeat(130)}org`, 'ada@exämple.org', '.ada@example.org'],
    ],
    took: peer.took,
    later: peer.trouble('later'),
    silent: peer.trouble('silent'),
    never: peer.trouble('never'),
    mayRepeat: false,
    end: () => peer.end(),
  };
});

/** One attempt. */
async function send(relay: Relay, change: Partial<InHand> = {}): Promise<Outcome> {
  const channel = new MailChannel(relay, tenants);
  const { code, template, ...rest } = messageTo(channel, 'ada@example.org', change);
  const text = code.reveal().toString();
  const words = template.render({ code: text, minutes: '5', ...(rest.purpose && { purpose: rest.purpose }) });
  return channel.send({ ...rest, code: text, words }, AbortSignal.timeout(10_000));
}

describe('a mail', () => {
  const peer = new MailPeer();
  let relay: Relay;
  beforeAll(async () => {
    relay = await peer.relay();
  });
  afterAll(() => peer.end());

  test('has sender, recipient, subject, text and page, over TLS', async () => {
    const template = templateOf('Subject: Ihr Code für {{purpose}}\n\n{{code}}\n', '<p>{{code}} &amp; {{purpose}}</p>');
    expect(await send(relay, { template, purpose: '<b>"Miete"</b>' })).toEqual({ kind: 'sent' });
    const { said, secure, to } = peer.took.at(-1) ?? { said: '' };
    expect({ secure, to }).toEqual({ secure: true, to: ['ada@example.org'] });
    expect(said).toMatch(/^From: Acme <codes@acme\.example>\r?$/m);
    expect(said).toMatch(/^To: ada@example\.org\r?$/m);
    expect(said).toMatch(/^Auto-Submitted: auto-generated\r?$/m);
    expect(said).toMatch(/^Content-Type: multipart\/alternative/m);
    expect(said).toContain(`<p>${CODE} &amp; &lt;b&gt;&quot;Miete&quot;&lt;/b&gt;</p>`);
  });

  test('has one recipient and the headers we wrote, whatever a purpose tries', async () => {
    const purpose = 'rent\r\nBcc: eve@example.org\r\n\r\nhello\u2028\u0085x';
    const template = templateOf('Subject: For {{purpose}}\n\n{{code}} {{purpose}}\n');
    expect(await send(relay, { template, purpose })).toEqual({ kind: 'sent' });
    const { said, to } = peer.took.at(-1) ?? { said: '', to: [] };
    expect(to).toEqual(['ada@example.org']);
    const head = said.slice(0, said.search(/\r?\n\r?\n/));
    expect(head).not.toMatch(/^Bcc/im);
    expect(head).not.toContain('hello\r\n');
  });
});

describe('a relay', () => {
  const begun: MailPeer[] = [];
  afterAll(() => Promise.all(begun.map((peer) => peer.end())));
  const start = (options?: SMTPServerOptions): MailPeer => {
    const peer = new MailPeer(options);
    begun.push(peer);
    return peer;
  };

  test('that offers no TLS gets nothing', async () => {
    const peer = start({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] });
    expect(await send(await peer.relay())).toMatchObject({ kind: 'again', why: expect.stringContaining('ETLS') });
    expect(peer.took).toEqual([]);
  });

  test('whose certificate nobody vouches for gets nothing', async () => {
    const { ca: _ca, ...relay } = await start().relay();
    expect(await send(relay)).toMatchObject({ kind: 'again' });
    expect(begun.flatMap(({ took }) => took)).toEqual([]);
  });

  test('is spoken to in TLS from the first byte, where configured so', async () => {
    const peer = start({ secure: true });
    expect(await send(await peer.relay('tls'))).toEqual({ kind: 'sent' });
    expect(peer.took[0]?.secure).toBe(true);
  });

  test('on this machine may go without', async () => {
    const peer = start({ disabledCommands: ['STARTTLS'] });
    expect(await send(await peer.relay('none'))).toEqual({ kind: 'sent' });
    expect(peer.took[0]?.secure).toBe(false);
  });

  test('that knows us only by name and password is told them; a wrong password can be mended while the code lives', async () => {
    const peer = start({ authOptional: false });
    const login = (password: string) => ({ login: { user: 'countersign', password: Secret.fromText(password) } });
    const relay = await peer.relay('starttls', login('right'));
    expect(await send(relay)).toEqual({ kind: 'sent' });
    expect(peer.took[0]?.user).toBe('countersign');
    expect(await send({ ...relay, ...login('wrong') })).toMatchObject({ kind: 'again', why: 'EAUTH 535' });
  });

  test('that is not there is asked again', async () => {
    expect(await send({ host: '127.0.0.1', port: 1, security: 'none' })).toMatchObject({ kind: 'again' });
  });
});

test('who has no sender, or where there is no relay, mail is not promised', () => {
  const relay: Relay = { host: 'localhost', port: 25, security: 'none' };
  const check = (channel: MailChannel, tenant: string) => () => channel.check(parseTenant(tenant), 'ada@example.org');
  expect(check(new MailChannel(relay, tenants), 'acme')).not.toThrow();
  expect(check(new MailChannel(relay, tenants), 'beta')).toThrow('channel: no mail is sent for this tenant');
  expect(check(new MailChannel(undefined, tenants), 'acme')).toThrow('channel: no mail is sent here');
});

test.each([
  ['Acme <codes@acme.example>', { name: 'Acme', address: 'codes@acme.example' }],
  ['codes@acme.example', { name: '', address: 'codes@acme.example' }],
  ['Müller & Söhne <a@b.example>', { name: 'Müller & Söhne', address: 'a@b.example' }],
  ['Acme <codes@acme.example> x', undefined],
  ['Acme\r\nBcc: x <codes@acme.example>', undefined],
  ['Acme <codes>', undefined],
  ['', undefined],
])('a sender %j is %j', (text, mailbox) => expect(parseMailbox(text)).toEqual(mailbox));

test('plain addresses are taken', () => {
  for (const address of ['ada@example.org', 'a+b.c@x-1.example', "o'neil@example.org", 'root@localhost'])
    expect(isMailAddress(address)).toBe(true);
});
