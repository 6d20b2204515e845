import type { Handle } from 'pkcs11js';
import type { Cryptoki } from './cryptoki.js';
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
  ) {}

  /** Lends a session to `work`, which must not be asynchronous: nothing may hold it after the call. */
  use<T>(work: (session: Session) => T): T {
    const session = this.idle.pop() ?? Session.open(this.cryptoki, this.slot);
    let result: T;
    try {
      result = work(session);
    } catch (error) {
      closeQuietly(session);
      throw error;
    }
    this.idle.push(session);
    return result;
  }
}

function closeQuietly(session: Session): void {
  try {
    session.close();
  } catch {
    // it was gone already
  }
}
