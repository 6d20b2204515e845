import { Failure, type DeliveryFault, type DeliveryReport } from '@countersign/contracts';
import type { Clock, Log, Random, Secret } from '@countersign/runtime';
import type { ChannelDriver, Outcome, Outgoing } from '../channels/channel.js';
import { ATTEMPT_SECONDS, DELIVERIES, IN_HAND } from '../delivery-metrics.js';
import type { Template, Values } from '../templates/template.js';
import { PAUSES, pauseMs, type Pauses } from './backoff.js';
import { Gate } from './gate.js';
import { pause, type Reports } from './reports.js';

/** A message that was taken. The code is in memory only, and gone when the message has gone its way. */
export interface InHand extends Omit<Outgoing, 'code' | 'words'> {
  channel: ChannelDriver;
  code: Secret;
  template: Template;
}

export interface SenderParts {
  clock: Clock;
  random: Random;
  log: Log;
  reports: Reports;
  /** messages in hand at once, waiting ones included; more are refused with UNAVAILABLE */
  maxInHand: number;
  /** attempts at once */
  atOnce: number;
  /** the longest that one attempt may take, ms */
  attemptMs: number;
  pauses?: Pauses;
}

const REPORT_FOR_MS = 60_000; // beyond the code's life
const STOP_WITHIN_MS = 8000; // attempts under way when the service stops
const MINUTE_MS = 60_000;

type Ending = { state: 'sent'; attempts: number } | { state: 'failed'; attempts: number; reason: DeliveryFault };

/** Tries each message until somebody takes it, refuses it for good, or it expires; and reports once which it was. */
export class Sender {
  private readonly inHand = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly gate: Gate;

  constructor(private readonly parts: SenderParts) {
    this.gate = new Gate(parts.atOnce);
  }

  /** Throws UNAVAILABLE when there is too much in hand, or it stops. */
  assertRoom(): void {
    if (this.stopping.signal.aborted) throw new Failure('UNAVAILABLE', 'delivery is stopping; nothing was sent');
    if (this.inHand.size >= this.parts.maxInHand)
      throw new Failure('UNAVAILABLE', 'too many messages are waiting to be sent; nothing was sent');
  }

  take(message: InHand): void {
    const work = this.see(message).finally(() => {
      this.inHand.delete(work);
      IN_HAND.dec();
    });
    this.inHand.add(work);
    IN_HAND.inc();
  }

  /** What is under way may end; what waits for another attempt is reported as stopped. */
  async stop(): Promise<void> {
    this.stopping.abort();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_WITHIN_MS);
    });
    await Promise.race([Promise.allSettled([...this.inHand]), late]);
    clearTimeout(timer);
  }

  private async see(message: InHand): Promise<void> {
    const { reports, log } = this.parts;
    const { tenant, account, challenge, channel, expiresAt } = message;
    const { ending, why } = await this.send(message);
    message.code[Symbol.dispose]();
    DELIVERIES.inc({ channel: channel.name, state: ending.state === 'sent' ? 'sent' : ending.reason });
    const about = { tenant, account, challenge, channel: channel.name };
    if (ending.state === 'sent') log.info('sent', { ...about, attempts: ending.attempts });
    else log.warn('not sent', { ...about, attempts: ending.attempts, reason: ending.reason, why });
    const report: DeliveryReport = { ...about, ...ending };
    await reports.tell(report, expiresAt + REPORT_FOR_MS, this.stopping.signal);
  }

  private async send(message: InHand): Promise<{ ending: Ending; why?: string }> {
    const { clock, random, pauses = PAUSES } = this.parts;
    const failed = (attempts: number, reason: DeliveryFault, why: string) =>
      ({ ending: { state: 'failed', attempts, reason }, why }) as const;
    for (let attempts = 0; ;) {
      const outcome = await this.gate.through(async () => {
        if (this.stopping.signal.aborted) return 'stopped';
        if (clock.now() >= message.expiresAt) return 'expired';
        attempts += 1;
        const startedMs = performance.now();
        const outcome = await this.attempt(message);
        const about = { channel: message.channel.name, outcome: outcome.kind };
        ATTEMPT_SECONDS.observe(about, (performance.now() - startedMs) / 1000);
        return outcome;
      });
      if (typeof outcome === 'string') return failed(attempts, outcome, 'while others were sent');
      if (outcome.kind === 'sent') return { ending: { state: 'sent', attempts } };
      if (outcome.kind === 'refused') return failed(attempts, 'refused', outcome.why);
      const waitMs = pauseMs(attempts, pauses, random);
      if (clock.now() + waitMs >= message.expiresAt) return failed(attempts, 'expired', outcome.why);
      if (!(await pause(waitMs, this.stopping.signal))) return failed(attempts, 'stopped', outcome.why);
    }
  }

  private async attempt(message: InHand): Promise<Outcome> {
    const { clock, attemptMs, log } = this.parts;
    const leftMs = message.expiresAt - clock.now();
    try {
      return await message.channel.send(outgoing(message, leftMs), AbortSignal.timeout(Math.min(attemptMs, leftMs)));
    } catch (error) {
      // its text may hold anything, the code too
      log.error('an attempt failed with a defect', { channel: message.channel.name, kind: (error as Error)?.name });
      return { kind: 'again', why: 'a defect' };
    }
  }
}

/** The code in the clear, for the length of one attempt. JavaScript's strings cannot be zeroed. */
function outgoing({ channel: _channel, template, code: secret, ...rest }: InHand, leftMs: number): Outgoing {
  const code = secret.reveal().toString('latin1');
  return { ...rest, code, words: template.render({ ...valuesOf(rest), code, minutes: minutes(leftMs) }) };
}

/** What a template can show of a wish. */
export const valuesOf = ({ purpose, fields }: Pick<Outgoing, 'purpose' | 'fields'>): Values => ({
  ...(purpose !== undefined && { purpose }),
  ...(fields.amount !== undefined && { amount: fields.amount }),
  ...(fields.payee !== undefined && { payee: fields.payee }),
});

/** Rounded down, so that nobody is promised more. */
const minutes = (leftMs: number): string => String(Math.max(1, Math.floor(leftMs / MINUTE_MS)));
