import { Inject, Injectable } from '@nestjs/common';
import { activationIssued } from '@countersign/account';
import {
  type Asker,
  type IssueActivationReply,
  type IssueActivationRequest,
  type PublicKeys,
} from '@countersign/contracts';
import { Ledger, type Waiting } from '@countersign/ledger';
import { formatInvitation } from '@countersign/pairing';
import type { Clock, Random } from '@countersign/runtime';
import { Accounts } from '../accounts/accounts.js';
import { Plans } from '../devices/plans.js';
import { thawed } from '../devices/thawed.js';
import { CLOCK, PUBLIC_KEYS, RANDOM } from '../parts.js';
import { digestOf, drawToken } from './token.js';

const MINUTE_MS = 60_000;

/** Makes an invitation: its token leaves in this answer and is kept nowhere. */
@Injectable()
export class IssueActivation {
  constructor(
    private readonly accounts: Accounts,
    private readonly ledger: Ledger,
    private readonly plans: Plans,
    @Inject(PUBLIC_KEYS) private readonly publicKeys: PublicKeys,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  /** Throws NOT_FOUND, LIMIT and CONFLICT where no such device could be added now; UNAVAILABLE, OUTCOME_UNKNOWN. */
  async issue(asker: Asker, request: IssueActivationRequest, waiting: Waiting): Promise<IssueActivationReply> {
    const { tenant, caller } = asker;
    const account = await this.accounts.open(tenant, request.account);
    const plan = await this.plans.asked(account, asker, 'activation', request); // the use of the token draws another id
    const { profile, namedOnly, replaces, policy } = plan;
    using token = drawToken(this.random);
    const digest = digestOf(token.reveal());
    const at = this.clock.now();
    const expiresAt = at + policy.activationMinutes * MINUTE_MS;
    const promised = { digest, expiresAt, profile, ...(namedOnly && { namedOnly }), ...(replaces && { replaces }) };
    const { sequence } = await this.ledger.update(
      tenant,
      account.id,
      (now) => activationIssued(thawed(now), promised, { by: caller, at }),
      waiting,
    );
    const { identity } = this.publicKeys;
    const invitation = formatInvitation({ kind: 'activate', tenant, account: account.id, token, identity });
    return { invitation, expiresAt, sequence };
  }
}
