import type { Alarm, ForkAlarm } from '@countersign/contracts';
import type { Message } from '@countersign/ledger';
import { reasonOf, sleep, type Clock, type Log } from '@countersign/runtime';
import { objectIn } from '../events/event-view.js';
import type { Alarms } from '../alarms/alarms.js';
import type { PoliciesThen } from '../steps/policies-then.js';
import type { StepCheck } from '../steps/step-check.js';
import type { Tail } from '../tail/tail.js';
import { Chain, type Steps } from './chain.js';
import type { WatchFile, Watched } from './watch-file.js';

export interface ForkWatchParts {
  ledger: Steps;
  tail: Pick<Tail, 'last' | 'grownBeyond'>;
  alarm: (alarm: Alarm) => void;
  log: Log;
  clock: Clock;
  file: Pick<WatchFile, 'read' | 'write'>;
  steps: Pick<StepCheck, 'doubts'>;
  policies: Pick<PoliciesThen, 'saw'>;
  alarms: Pick<Alarms, 'raise'>;
}

const AHEAD = 256; // events looked at together, so that the watch keeps up with many writers
const SAVE_EVERY_MS = 1000;
const REPEAT_EVERY_MS = 30_000; // an alarm is a message that can be lost: told until the account is frozen
const MAX_OPEN = 1000; // beyond that the log has to do: one fork is a disaster already
const IDLE_MS = 60_000;
const RETRY_MS = 1000;
const ACCOUNT_SUBJECT = /^ledger\.[^.]+\.[^._][^.]*$/; // reserved ids begin with _, records have more parts

/**
 * Follows the ledger in order and checks that every account's history is one chain (P1) of steps that the rules allow. Two
 * events after the same one are told as a FORK; verification looks for itself and freezes the account, which ends the alarm.
 */
export class ForkWatch {
  private readonly chain: Chain;
  private watched: Watched = { position: 0, open: [] };
  private savedAt = 0;
  private savedPosition = -1;
  private toldAt = 0;
  private stopping = false;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly parts: ForkWatchParts) {
    this.chain = new Chain(parts.ledger);
  }

  /** Every event up to this sequence was looked at. */
  get position(): number {
    return this.watched.position;
  }

  start(): void {
    this.watched = this.parts.file.read();
    this.parts.log.info('watching for forks', { from: this.watched.position });
    this.running = this.follow();
  }

  /** Ends after what is under way, and keeps the position. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
    await this.save();
  }

  private async follow(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.catchUp();
        this.repeat();
        await this.parts.tail.grownBeyond(this.watched.position, this.watched.open.length > 0 ? RETRY_MS : IDLE_MS);
      } catch (error) {
        this.parts.log.warn('the fork watch is held up', { reason: reasonOf(error), position: this.watched.position });
        await sleep(RETRY_MS);
      }
    }
  }

  private async catchUp(): Promise<void> {
    const last = await this.parts.tail.last();
    let ahead = this.read(this.watched.position + 1, last);
    while (!this.stopping && this.watched.position < last) {
      const [found, next] = [await ahead, this.watched.position + 1 + AHEAD];
      ahead = this.read(next, last);
      await this.look(found.length > 0 ? found : [await this.beyondGap()]);
      if (this.watched.position >= next) ahead = this.read(this.watched.position + 1, last);
      if (this.parts.clock.now() - this.savedAt >= SAVE_EVERY_MS) await this.save();
    }
    await this.save();
  }

  /** The next messages from this sequence on, those that are there. */
  private read(from: number, last: number): Promise<Message[]> {
    const count = Math.max(0, Math.min(AHEAD, last - from + 1));
    const reads = Array.from({ length: count }, (_, index) => this.parts.ledger.at(from + index));
    const found = Promise.all(reads).then((messages) => messages.filter((message) => message !== undefined));
    found.catch(() => undefined); // told when it is waited for
    return found;
  }

  /** What comes after sequences that are there no more. Throws when nothing does, since the ledger goes on. */
  private async beyondGap(): Promise<Message> {
    const message = await this.parts.ledger.next(this.watched.position + 1, 'ledger.>');
    if (message === undefined) throw new Error('the ledger should go on and does not');
    return message;
  }

  /** The position moves when all of it is done: what fails in between is looked at again. */
  private async look(messages: Message[]): Promise<void> {
    for (const message of messages) await this.parts.policies.saw(message);
    const histories = new Map<string, Message[]>();
    for (const message of messages.filter(({ subject }) => ACCOUNT_SUBJECT.test(subject))) {
      const history = histories.get(message.subject);
      if (history === undefined) histories.set(message.subject, [message]);
      else history.push(message);
    }
    const whole = await Promise.all([...histories.values()].map((history) => this.wholeOf(history)));
    for (const doubt of await this.parts.steps.doubts(whole.flat())) this.parts.alarms.raise(doubt);
    this.watched.position = messages.at(-1)?.sequence ?? this.watched.position;
  }

  /** Of one account, in order. */
  private async wholeOf(history: Message[]): Promise<Message[]> {
    const whole: Message[] = [];
    for (const message of history) if (await this.isWhole(message)) whole.push(message);
    return whole;
  }

  private async isWhole({ subject, sequence, data }: Message): Promise<boolean> {
    const event = objectIn(data);
    const after = Number.isSafeInteger(event?.after) ? (event?.after as number) : -1;
    const link =
      after < 0 ? ({ kind: 'fork', rival: sequence } as const) : await this.chain.link({ subject, sequence, after });
    if (link.kind === 'fork') this.raise({ kind: 'FORK', subject, sequences: [link.rival, sequence] });
    else if (event?.type === 'frozen') this.settle(subject);
    return link.kind === 'whole';
  }

  private raise(alarm: ForkAlarm): void {
    const [first, second] = alarm.sequences;
    const same = (each: ForkAlarm): boolean => each.sequences[1] === second;
    if (this.watched.open.some(same)) return; // looked at again
    this.parts.log.error('an account has two histories', { subject: alarm.subject, first, second });
    this.parts.alarm(alarm);
    const told = this.watched.open.some(({ subject }) => subject === alarm.subject);
    if (!told && this.watched.open.length < MAX_OPEN) this.watched.open.push(alarm);
  }

  private settle(subject: string): void {
    this.watched.open = this.watched.open.filter((alarm) => alarm.subject !== subject);
  }

  private repeat(): void {
    const now = this.parts.clock.now();
    if (now - this.toldAt < REPEAT_EVERY_MS) return;
    this.toldAt = now;
    for (const alarm of this.watched.open) this.parts.alarm(alarm);
  }

  private async save(): Promise<void> {
    this.savedAt = this.parts.clock.now();
    if (this.savedPosition === this.watched.position) return;
    await this.parts.file.write(this.watched);
    this.savedPosition = this.watched.position;
  }
}
