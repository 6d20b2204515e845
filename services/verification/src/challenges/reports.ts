import {
  Failure,
  parseAccountId,
  parseTenant,
  type DeliveryReport,
  type DeliveryReportReply,
} from '@countersign/contracts';
import { challengeReported } from '@countersign/account';
import type { Ledger, Waiting } from '@countersign/ledger';
import type { Clock } from '@countersign/runtime';

const BY = 'delivery';

/** Writes down what became of codes that were to be sent. */
export class Reports {
  constructor(
    private readonly ledger: Ledger,
    private readonly clock: Clock,
  ) {}

  /** Delivery asks again until this is answered. Throws UNAVAILABLE, OUTCOME_UNKNOWN. */
  async note({ tenant, account, ...report }: DeliveryReport, waiting: Waiting): Promise<DeliveryReportReply> {
    await this.ledger
      .update(
        parseTenant(tenant),
        parseAccountId(account),
        (standing) => challengeReported(standing, report, { by: BY, at: this.clock.now() }),
        waiting,
      )
      .catch(unlessNobodys);
    return { noted: true };
  }
}

function unlessNobodys(error: unknown): void {
  if (!(error instanceof Failure && error.code === 'NOT_FOUND')) throw error;
}
