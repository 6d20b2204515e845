import { Failure, LOG_ALARMS, parseAccountId, parseTenant, type Alarm, type ForkAlarm } from '@countersign/contracts';
import { frozen, parseEvent } from '@countersign/account';
import type { Ledger } from '@countersign/ledger';
import type { Clock, Log } from '@countersign/runtime';

const WITHIN_MS = 30_000;

/** Freezes an account whose history forked. Believes no alarm: looks at both events itself. */
export class ForkFreezer {
  constructor(
    private readonly ledger: Ledger,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Throws NOT_FOUND for an event that is not there, UNAVAILABLE while the ledger cannot be read or written. */
  async freeze(alarm: Alarm): Promise<void> {
    if (isLogAlarm(alarm)) return; // for people: no account would be safer frozen
    if (!isForkAlarm(alarm)) return this.log.warn('an alarm of another shape');
    const { subject, sequences } = alarm;
    if (!(await this.forked(subject, sequences))) {
      this.log.warn('an alarm that the ledger does not bear out', { subject });
      return;
    }
    const [, tenant = '', account = ''] = subject.split('.');
    const untilMs = this.clock.now() + WITHIN_MS;
    await this.ledger.update(
      parseTenant(tenant),
      parseAccountId(account),
      (standing) => frozen(standing, sequences, { by: 'verification', at: this.clock.now() }),
      { remainingMs: () => Math.max(0, untilMs - this.clock.now()) },
    );
    this.log.error('an account is frozen: its history forked', { subject });
  }

  private async forked(subject: string, [first, second]: [number, number]): Promise<boolean> {
    if (first === second) return false;
    const messages = await Promise.all([this.ledger.at(first), this.ledger.at(second)]);
    const [one, other] = messages.map((message) => {
      if (message === undefined) throw new Failure('NOT_FOUND', 'the alarm names an event that is not there');
      return message.subject === subject ? parseEvent(message.data).after : undefined;
    });
    return one !== undefined && one === other;
  }
}

const isLogAlarm = (alarm: Partial<Alarm> | null): boolean => LOG_ALARMS.some((kind) => kind === alarm?.kind);

function isForkAlarm(alarm: Partial<Alarm> | null): alarm is ForkAlarm {
  return (
    alarm?.kind === 'FORK' &&
    typeof alarm.subject === 'string' &&
    Array.isArray(alarm.sequences) &&
    alarm.sequences.length === 2 &&
    alarm.sequences.every((sequence) => Number.isSafeInteger(sequence) && sequence > 0)
  );
}
