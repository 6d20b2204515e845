import { connect as dial, type Socket } from 'node:net';
import { fromSeed } from '@nats-io/nkeys';

/** What is tried: a publication, or a subscription, alone or as a member of a queue group. */
export type Attempt =
  | { kind: 'publish'; subject: string }
  | { kind: 'subscribe'; subject: string }
  | { kind: 'subscribe'; subject: string; group: string };

export type Answer = 'allowed' | 'refused';

/**
 * NATS's own protocol, without a client library: thousands of attempts go out in one piece, each followed by a PING, so
 * that what the server says before the nth PONG is about the nth attempt.
 */
export class Wire {
  private readonly lines: string[] = [];
  private rest = '';
  private told = (): void => undefined;
  private ended = false;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      const parts = (this.rest + text).split('\r\n');
      this.rest = parts.pop() ?? '';
      this.lines.push(...parts);
      this.told();
    });
    socket.on('close', () => {
      this.ended = true;
      this.told();
    });
    socket.on('error', () => undefined); // 'close' follows
  }

  /** Throws Error with the server's words when it lets nobody in with this seed, or without one. */
  static async connect(address: string, seed?: Uint8Array): Promise<Wire> {
    const [host = '', port] = address.split(':');
    const wire = new Wire(dial(Number(port), host));
    const { nonce = '' } = JSON.parse((await wire.line()).slice('INFO '.length)) as { nonce?: string };
    const pair = seed && fromSeed(seed);
    const sig = pair && Buffer.from(pair.sign(Buffer.from(nonce))).toString('base64url');
    const hello = { verbose: false, pedantic: false, headers: true, protocol: 1, nkey: pair?.getPublicKey(), sig };
    wire.socket.write(`CONNECT ${JSON.stringify(hello)}\r\nPING\r\n`);
    const welcome = await wire.line();
    if (welcome !== 'PONG') throw new Error(welcome);
    return wire;
  }

  /** The server's answer to each, in order. */
  async tryAll(attempts: Attempt[]): Promise<Answer[]> {
    const sent = attempts.map((attempt, n) => `${written(attempt, n + 1)}PING\r\n`);
    this.socket.write(sent.join(''), 'latin1');
    const answers: Answer[] = [];
    for (let answer: Answer = 'allowed'; answers.length < attempts.length;) {
      const line = await this.line();
      if (/^-ERR '(Permissions Violation|Invalid Subject)/.test(line)) answer = 'refused';
      else if (line.startsWith('-ERR')) throw new Error(`${line} after ${sent[answers.length]}`);
      if (line !== 'PONG') continue;
      answers.push(answer);
      answer = 'allowed';
    }
    return answers;
  }

  /** Sends bytes as they are; resolves with what the server says up to its next PONG, or until it hangs up. */
  async say(bytes: string): Promise<string[]> {
    this.socket.write(`${bytes}PING\r\n`, 'latin1');
    const said: string[] = [];
    for (;;) {
      const line = await this.line().catch(() => undefined);
      if (line === undefined || line === 'PONG') return said;
      said.push(line);
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private async line(): Promise<string> {
    while (this.lines.length === 0) {
      if (this.ended) throw new Error('the server hung up');
      await new Promise<void>((resolve) => {
        this.told = resolve;
      });
    }
    return this.lines.shift() as string;
  }
}

/** Subscriptions end at once: nothing may arrive while others are tried. */
function written(attempt: Attempt, id: number): string {
  if (attempt.kind === 'publish') return `PUB ${attempt.subject} 0\r\n\r\n`;
  const group = 'group' in attempt ? ` ${attempt.group}` : '';
  return `SUB ${attempt.subject}${group} ${id}\r\nUNSUB ${id}\r\n`;
}
