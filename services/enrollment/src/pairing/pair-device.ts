import { Inject, Injectable } from '@nestjs/common';
import { pairingConfirmed, pairingTried, pairingUnknown, type AccountEvent, type Standing } from '@countersign/account';
import {
  Failure,
  parseAccountId,
  type Asker,
  type ConfirmPairingReply,
  type ConfirmPairingRequest,
  type SharePairingReply,
  type SharePairingRequest,
  type Tenant,
} from '@countersign/contracts';
import { Ledger, type Waiting } from '@countersign/ledger';
import { PairingError } from '@countersign/pairing';
import type { Clock } from '@countersign/runtime';
import type { OpenAccount } from '../accounts/accounts.js';
import { checkClientPoint } from '../devices/client-point.js';
import { FreshKeys } from '../devices/fresh-keys.js';
import { Plans } from '../devices/plans.js';
import { thawed } from '../devices/thawed.js';
import { CLOCK } from '../parts.js';
import { Sessions, type Session } from './sessions.js';

/**
 * What a device says to a session that this replica holds. A try is spent in the ledger before a share is looked at, and
 * the session is over in the ledger before a key is made: no crash, replica or parallel message gives either back.
 */
@Injectable()
export class PairDevice {
  constructor(
    private readonly ledger: Ledger,
    private readonly fresh: FreshKeys,
    private readonly plans: Plans,
    private readonly sessions: Sessions,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Throws INVALID_ARGUMENT for what is no point, which costs nothing; NOT_FOUND in the same words for every session that
   * gives nothing; UNAVAILABLE; OUTCOME_UNKNOWN: the try may be spent. CONFLICT: it is, and this share fits no PIN.
   */
  async share({ tenant, caller }: Asker, request: SharePairingRequest, waiting: Waiting): Promise<SharePairingReply> {
    checkClientPoint(request.share, 'share');
    checkClientPoint(request.point);
    const session = this.held(tenant, request);
    const { state } = await this.append(session, (now) => pairingTried(now, session.id, this.by(caller)), waiting);
    const reply = matching(() => session.end.answer(request));
    return { ...reply, triesLeft: state.pairing?.triesLeft ?? 0 };
  }

  /**
   * Throws NOT_FOUND as `share` does, also without a share that waits for this; LIMIT: all is as it was; CONFLICT: the
   * proof is wrong and its share done with, or it was right and no device came of it; UNAVAILABLE, OUTCOME_UNKNOWN.
   */
  async confirm(asker: Asker, request: ConfirmPairingRequest, waiting: Waiting): Promise<ConfirmPairingReply> {
    const session = this.held(asker.tenant, request);
    const account = await this.account(session);
    const { profile, namedOnly, replaces, end } = session;
    const plan = await this.plans.admitted(account, asker, { method: 'pin', profile, namedOnly, replaces });
    const confirmation = matching(() => end.confirm(request));
    if (confirmation.kind === 'refused') throw endsDiffer();
    this.sessions.forget(session);
    await this.append(session, (now) => pairingConfirmed(now, session.id, this.by(asker.caller)), waiting);
    const made = await this.fresh.enrol(account, plan, confirmation.point, waiting).catch(endedInVain);
    const { reply } = end.seal(made);
    return { ...made, seal: reply.seal };
  }

  private held(tenant: Tenant, { id, session }: { id: string; session: string }): Session {
    const held = this.sessions.find(session, { tenant, account: parseAccountId(id) });
    if (held === undefined) throw pairingUnknown();
    return held;
  }

  private async account({ tenant, account: id }: Session): Promise<OpenAccount> {
    this.ledger.assertUsable();
    const reading = await this.ledger.account(tenant, id);
    if (reading === undefined) throw pairingUnknown();
    return { tenant, id, reading };
  }

  private append(
    { tenant, account }: Session,
    change: (now: Standing) => AccountEvent,
    waiting: Waiting,
  ): Promise<Standing> {
    return this.ledger.update(tenant, account, (now) => change(thawed(now)), waiting);
  }

  private by(caller: Asker['caller']): { by: Asker['caller']; at: number } {
    return { by: caller, at: this.clock.now() };
  }
}

/** What the platform's end refuses in a share or a proof. */
function matching<T>(judge: () => T): T {
  try {
    return judge();
  } catch (error) {
    if (!(error instanceof PairingError)) throw error;
    throw error.problem === 'used' ? pairingUnknown() : endsDiffer(error);
  }
}

const endsDiffer = (cause?: unknown): Failure =>
  new Failure('CONFLICT', 'the two ends do not agree: another PIN, or somebody in between', { cause });

/** Not to be asked again: the session is over. */
function endedInVain(cause: unknown): never {
  if (!(cause instanceof Failure)) throw cause;
  throw new Failure('CONFLICT', 'this pairing is over, and no device came of it; open another one', { cause });
}
