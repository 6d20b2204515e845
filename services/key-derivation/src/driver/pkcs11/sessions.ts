import type { Handle } from 'pkcs11js';
import type { Cryptoki } from './cryptoki.js';
import { HSM_SESSIONS } from '../../key-metrics.js';
import { Session } from './session.js';

/**
 * Sessions are lent, never kept. One whose work failed is closed: it may be in the middle of an operation
 * (CKR_OPERATION_ACTIVE), and the objects it made go with it.
 */
export class Sessions {
  private readonly idle: Session[] = [];

  constructor(
    private readonly cryptoki: Cryptoki,
    private readonly slot: Handle,
  ) {
    HSM_SESSIONS.set(0); // those of the connection before are closed
  }

  /** Lends a session to `work`, which must not be asynchronous: nothing may hold it after the call. */
  use<T>(work: (session: Session) => T): T {
    const session = this.idle.pop() ?? this.open();
    let result: T;
    try {
      result = work(session);
    } catch (error) {
      closeQuietly(session);
      HSM_SESSIONS.dec();
      throw error;
    }
    this.idle.push(session);
    return result;
  }

  private open(): Session {
    const session = Session.open(this.cryptoki, this.slot);
    HSM_SESSIONS.inc();
    return session;
  }
}

function closeQuietly(session: Session): void {
  try {
    session.close();
  } catch {
    // it was gone already
  }
}
