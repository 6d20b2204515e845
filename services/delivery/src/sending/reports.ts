import type { Bus } from '@countersign/bus';
import {
  DELIVERED_SUBJECT,
  Failure,
  Failures,
  type DeliveryReport,
  type DeliveryReportReply,
} from '@countersign/contracts';
import { reasonOf, type Clock, type Log } from '@countersign/runtime';

/** Tells verification what became of a message; it appends the event. */
export interface Reports {
  /** Resolves when it is noted, or never will be; rejects for defects only. `untilMs`: ms since 1970, when to give up. */
  tell(report: DeliveryReport, untilMs: number, stopping: AbortSignal): Promise<void>;
}

const ANSWER_WITHIN_MS = 2000;
const PAUSE_MS = 2000;

/** Asked again until verification answers: the event is worth having, but the message has gone its way by then. */
export class ReportsOnBus implements Reports {
  constructor(
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async tell(report: DeliveryReport, untilMs: number, stopping: AbortSignal): Promise<void> {
    for (;;) {
      try {
        return void (await this.bus.request<DeliveryReportReply>(DELIVERED_SUBJECT, report, {
          timeoutMs: ANSWER_WITHIN_MS,
        }));
      } catch (error) {
        const again = !(error instanceof Failure) || Failures[error.code].retry;
        if (!again || stopping.aborted || this.clock.now() >= untilMs) return this.lost(report, error);
      }
      await pause(PAUSE_MS, stopping);
    }
  }

  private lost({ tenant, account, challenge, state }: DeliveryReport, error: unknown): void {
    this.log.warn('a report was not noted', { tenant, account, challenge, state, reason: reasonOf(error) });
  }
}

/** False when `stopping` ended it. */
export function pause(ms: number, stopping: AbortSignal): Promise<boolean> {
  if (stopping.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (whole: boolean): void => {
      clearTimeout(timer);
      stopping.removeEventListener('abort', stopped);
      resolve(whole);
    };
    const stopped = (): void => end(false);
    const timer = setTimeout(() => end(true), ms);
    stopping.addEventListener('abort', stopped, { once: true });
  });
}
