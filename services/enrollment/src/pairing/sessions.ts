import { Inject, Injectable } from '@nestjs/common';
import { Failure, type AccountId, type DeviceId, type Profile, type Tenant } from '@countersign/contracts';
import type { PlatformEnd } from '@countersign/pairing';
import type { Clock } from '@countersign/runtime';
import { CLOCK } from '../parts.js';

/** Sessions that a replica holds at once, those being opened counted: each costs a scrypt of 32 MiB to begin. */
export const MAX_SESSIONS = 64;
const RETRY_AFTER_MS = 1000;

/** What one session of pairing needs to go on: in this replica's memory, and nowhere else. */
export interface Session {
  id: string;
  tenant: Tenant;
  account: AccountId;
  profile: Profile;
  namedOnly: boolean;
  replaces?: DeviceId | undefined;
  end: PlatformEnd;
  /** ms since 1970 */
  expiresAt: number;
}

/** The sessions of this replica. What they may still do stands in the ledger; this only forgets what they know. */
@Injectable()
export class Sessions {
  private readonly held = new Map<string, Session>();
  private opening = 0;

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Holds what `open` makes until its time ends; the account's session before it is forgotten. Throws BUSY. */
  async hold<Opened extends Session>(open: () => Promise<Opened>): Promise<Opened> {
    if (this.held.size + this.opening >= MAX_SESSIONS)
      throw new Failure('BUSY', 'too many devices pair at once; nothing was decided', { retryAfterMs: RETRY_AFTER_MS });
    this.opening += 1;
    try {
      const session = await open();
      for (const other of this.held.values()) if (isSameAccount(other, session)) this.forget(other);
      this.held.set(session.id, session);
      setTimeout(() => this.forget(session), session.expiresAt - this.clock.now()).unref();
      return session;
    } finally {
      this.opening -= 1;
    }
  }

  /** The session, if it is held here and is that account's. */
  find(id: string, of: Pick<Session, 'tenant' | 'account'>): Session | undefined {
    const session = this.held.get(id);
    return session !== undefined && isSameAccount(session, of) ? session : undefined;
  }

  forget({ id }: Pick<Session, 'id'>): void {
    this.held.delete(id);
  }
}

const isSameAccount = (one: Pick<Session, 'tenant' | 'account'>, other: typeof one): boolean =>
  one.tenant === other.tenant && one.account === other.account;
