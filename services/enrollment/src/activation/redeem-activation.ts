import { Inject, Injectable } from '@nestjs/common';
import {
  activationHolds,
  activationPresented,
  invitationUnknown,
  openActivation,
  type OpenActivation,
  type Standing,
} from '@countersign/account';
import {
  Failure,
  parseAccountId,
  type AccountId,
  type Asker,
  type ExchangeReply,
  type RedeemActivationRequest,
  type Tenant,
} from '@countersign/contracts';
import { Ledger, type Waiting } from '@countersign/ledger';
import { fromBase64url } from '@countersign/pairing';
import type { Clock } from '@countersign/runtime';
import type { OpenAccount } from '../accounts/accounts.js';
import { checkClientPoint } from '../devices/client-point.js';
import { FreshKeys } from '../devices/fresh-keys.js';
import { NewDevices, type Plan } from '../devices/new-devices.js';
import { Plans } from '../devices/plans.js';
import { CLOCK } from '../parts.js';
import { digestOf } from './token.js';

const LEAST_MS = 1000; // in less no key is made, and the token would be spent for nothing

/**
 * Enrols the device that brings a token first. The token is spent in the ledger before a key is made, so that no crash,
 * replica or parallel use gives it a second time; what fails after that leaves it spent.
 */
@Injectable()
export class RedeemActivation {
  constructor(
    private readonly ledger: Ledger,
    private readonly fresh: FreshKeys,
    private readonly devices: NewDevices,
    private readonly plans: Plans,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Throws NOT_FOUND in the same words for every token that gives nothing; one that is unknown writes nothing and costs
   * the HSM nothing. INVALID_ARGUMENT, LIMIT, UNAVAILABLE: the token is as it was. OUTCOME_UNKNOWN: it may be spent.
   * CONFLICT: it is, and no device came of it, or the account is frozen.
   */
  async redeem(asker: Asker, request: RedeemActivationRequest, waiting: Waiting): Promise<ExchangeReply> {
    checkClientPoint(request.point);
    const digest = digestOf(fromBase64url(request.token, 'token'));
    const account = await this.open(asker.tenant, parseAccountId(request.id));
    const begun = await this.plans.begun(asker);
    const { id, by, policy } = begun;
    const open = openActivation(account.reading, digest, this.clock.now());
    const plan = open && this.planned(open, digest, begun);
    if (plan !== undefined) this.devices.admit(account, plan);
    if (waiting.remainingMs() < LEAST_MS) throw tooShort();
    const present = (now: Standing) => activationPresented(now, digest, id, { by, at: this.clock.now(), policy });
    const standing = await this.ledger.update(asker.tenant, account.id, present, waiting);
    if (plan === undefined || !activationHolds(standing, digest, id)) throw invitationUnknown();
    return this.fresh.enrol(account, plan, request.point, waiting).catch(spentInVain);
  }

  private async open(tenant: Tenant, id: AccountId): Promise<OpenAccount> {
    this.ledger.assertUsable();
    const reading = await this.ledger.account(tenant, id);
    if (reading === undefined) throw invitationUnknown();
    return { tenant, id, reading };
  }

  private planned(open: OpenActivation, digest: string, of: Pick<Plan, 'id' | 'by' | 'policy'>): Plan {
    const { profile, namedOnly, replaces } = open;
    const holds = (now: Standing): boolean => activationHolds(now, digest, of.id, of.policy);
    return { method: 'activation', profile, status: 'pending', namedOnly: namedOnly === true, replaces, holds, ...of };
  }
}

const tooShort = (): Failure =>
  new Failure('UNAVAILABLE', 'the time the caller gave is too short; nothing was decided');

/** Not to be asked again: that would be a second use. */
function spentInVain(cause: unknown): never {
  if (!(cause instanceof Failure)) throw cause;
  throw new Failure('CONFLICT', 'the invitation is spent, and no device came of it; ask for another one', { cause });
}
