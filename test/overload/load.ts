import { callerSubject, type Caller } from '@countersign/contracts';
import type { NatsConnection } from '@nats-io/nats-core';
import type { World } from '../world/world.js';
import { rawClient } from '../world/raw-client.js';

/** What became of what was asked. */
export interface Answers {
  seconds: number;
  /** ms from question to verdict, ascending */
  servedMs: number[];
  /** ms from question to refusal, ascending */
  refusedMs: number[];
  /** refusals that do not say when to come back, and answers that are neither */
  odd: string[];
  /** nothing came */
  unanswered: number;
}

const VERB = callerSubject('app' as Caller, 'verify');
const LAST_ANSWER_MS = 5000;
const TICK_MS = 5;

/** A backend that asks about names which nobody has: the whole road, and no device needed. Its questions are prepared. */
export class Load {
  private readonly sent = new Map<string, number>();
  private next = 0;
  private answers: Omit<Answers, 'seconds' | 'unanswered'> = { servedMs: [], refusedMs: [], odd: [] };
  private ended: () => void = () => undefined;
  private goOn: () => void = () => undefined;

  private constructor(
    private readonly connection: NatsConnection,
    private readonly tenant: string,
    private readonly inbox: string,
  ) {
    connection.subscribe(`${inbox}.*`, {
      callback: (_error, message) => this.answered(message.subject.slice(inbox.length + 1), message.string()),
    });
  }

  static async connect(world: World, tenant: string): Promise<Load> {
    const connection = await rawClient('app', world.credentials('app', tenant));
    return new Load(connection, tenant, `_INBOX_app.${tenant}`);
  }

  /** Always `width` questions under way. */
  async closed(width: number, seconds: number): Promise<Answers> {
    return this.during(seconds, () => {
      this.goOn = () => this.ask();
      for (let i = 0; i < width; i += 1) this.ask();
    });
  }

  /** So many questions a second, whether or not they are answered. */
  async open(perSecond: number, seconds: number): Promise<Answers> {
    return this.during(seconds, (startedMs) => {
      let asked = 0;
      return setInterval(() => {
        const due = ((performance.now() - startedMs) / 1000) * perSecond;
        for (; asked < due; asked += 1) this.ask();
      }, TICK_MS);
    });
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private async during(seconds: number, begin: (startedMs: number) => NodeJS.Timeout | void): Promise<Answers> {
    this.answers = { servedMs: [], refusedMs: [], odd: [] };
    const startedMs = performance.now();
    const timer = begin(startedMs);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    this.goOn = () => undefined;
    if (timer) clearInterval(timer);
    const tookSeconds = (performance.now() - startedMs) / 1000;
    await this.lastAnswer();
    const unanswered = this.sent.size;
    this.sent.clear();
    const { servedMs, refusedMs, odd } = this.answers;
    const sorted = (times: number[]): number[] => times.sort((one, other) => one - other);
    return { seconds: tookSeconds, servedMs: sorted(servedMs), refusedMs: sorted(refusedMs), odd, unanswered };
  }

  private async lastAnswer(): Promise<void> {
    if (this.sent.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.ended = resolve;
      timer = setTimeout(resolve, LAST_ANSWER_MS);
    });
    clearTimeout(timer);
  }

  private ask(): void {
    const id = String((this.next += 1));
    this.sent.set(id, performance.now());
    const question = JSON.stringify({ account: `nobody-${this.tenant}-${id}`, code: '123456' });
    this.connection.publish(VERB, question, { reply: `${this.inbox}.${id}` });
  }

  private answered(id: string, text: string): void {
    const sentMs = this.sent.get(id);
    if (sentMs === undefined) return;
    this.sent.delete(id);
    const tookMs = performance.now() - sentMs;
    if (text.startsWith('{"verdict":"rejected"')) this.answers.servedMs.push(tookMs);
    else if (/"code":"UNAVAILABLE".*"retryAfterMs":\d+/.test(text)) this.answers.refusedMs.push(tookMs);
    else this.answers.odd.push(text);
    this.goOn();
    if (this.sent.size === 0) this.ended();
  }
}

export const quantileOf = (ascending: number[], q: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(q * ascending.length))] ?? NaN;
