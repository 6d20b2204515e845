import type { AddressInfo } from 'node:net';
import { until } from '@countersign/bus/testing';
import { SMTPServer } from 'smtp-server';

/** A mail as it reached the relay. */
export interface Mail {
  to: string[];
  text: string;
}

/** A real SMTP server of the suite's own: it takes every mail and keeps it for whoever is to read it. */
export class MailRelay {
  readonly mails: Mail[] = [];
  private readonly server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, { envelope }, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      stream.on('end', () => {
        this.mails.push({ to: envelope.rcptTo.map(({ address }) => address), text });
        done();
      });
    },
  });

  static async start(): Promise<MailRelay> {
    const relay = new MailRelay();
    await new Promise<void>((resolve) => relay.server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  /** Makes delivery send by it, in the name of acme. */
  get variables(): Record<string, string> {
    const { port } = this.server.server.address() as AddressInfo;
    return {
      SMTP_SERVER: `127.0.0.1:${port}`,
      SMTP_SECURITY: 'none',
      DELIVERY_TENANTS_FILE: new URL('../delivery/tenants.json', import.meta.url).pathname,
    };
  }

  to(person: string): Mail[] {
    return this.mails.filter(({ to }) => to.includes(person));
  }

  /** What a person reads in the latest mail, as soon as there are so many. */
  async codeFor(person: string, mails = 1): Promise<string> {
    await until(`${person} has ${mails} mails`, () => this.to(person).length >= mails);
    const { text } = this.to(person).at(-1) as Mail;
    const [, code] = /lautet (\w+)\./.exec(text) ?? [];
    if (code === undefined) throw new Error(`no code in ${text}`);
    return code;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
