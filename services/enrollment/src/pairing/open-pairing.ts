import { Inject, Injectable } from '@nestjs/common';
import { pairingOpened, type OpenPairing as OpenPairingState, type Standing } from '@countersign/account';
import {
  SESSION_LENGTH,
  type Asker,
  type OpenPairingReply,
  type OpenPairingRequest,
  type PublicKeys,
} from '@countersign/contracts';
import { Ledger, type Waiting } from '@countersign/ledger';
import { drawPin, formatInvitation, openPairing, type Scrypt } from '@countersign/pairing';
import { randomId, type Clock, type Random } from '@countersign/runtime';
import { Accounts } from '../accounts/accounts.js';
import { Plans } from '../devices/plans.js';
import { thawed } from '../devices/thawed.js';
import { CLOCK, PUBLIC_KEYS, RANDOM, REPLICA, SCRYPT } from '../parts.js';
import { Sessions } from './sessions.js';

/** Opens sessions: their PIN leaves in the answer and is kept nowhere; what checks it stays in this replica's memory. */
@Injectable()
export class OpenPairing {
  constructor(
    private readonly accounts: Accounts,
    private readonly ledger: Ledger,
    private readonly plans: Plans,
    private readonly sessions: Sessions,
    @Inject(PUBLIC_KEYS) private readonly publicKeys: PublicKeys,
    @Inject(REPLICA) private readonly at: string,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
    @Inject(SCRYPT) private readonly scrypt: Scrypt,
  ) {}

  /**
   * Throws NOT_FOUND; LIMIT where the hour has had its sessions or no such device could be added now; BUSY while this
   * replica holds as many as it can; CONFLICT, UNAVAILABLE, OUTCOME_UNKNOWN.
   */
  async open(asker: Asker, request: OpenPairingRequest, waiting: Waiting): Promise<OpenPairingReply> {
    const { tenant, caller } = asker;
    const account = await this.accounts.open(tenant, request.account);
    const plan = await this.plans.asked(account, asker, 'pin', request); // a confirmed PIN draws another id
    const { profile, namedOnly, replaces, policy } = plan;
    const id = randomId(this.random, SESSION_LENGTH);
    const opened = (now: Standing) => pairingOpened(thawed(now), id, { by: caller, at: this.clock.now(), policy });
    opened(account.reading); // throws before scrypt costs anything
    const { identity } = this.publicKeys;
    const of = { tenant, account: account.id, session: id, identity };
    const pin = drawPin(this.random, policy.pinDigits);
    const { expiresAt, triesLeft, sequence } = await this.sessions.hold(async () => {
      const end = await openPairing({ ...of, profile }, pin, { random: this.random, scrypt: this.scrypt });
      const { state, sequence } = await this.ledger.update(tenant, account.id, opened, waiting);
      const { expiresAt, triesLeft } = state.pairing as OpenPairingState;
      return { id, tenant, account: account.id, profile, namedOnly, replaces, end, expiresAt, triesLeft, sequence };
    });
    const invitation = formatInvitation({ kind: 'pair', ...of, at: this.at });
    const shown = Buffer.from(pin.reveal()).toString('ascii');
    return { session: id, at: this.at, pin: shown, invitation, triesLeft, expiresAt, sequence };
  }
}
