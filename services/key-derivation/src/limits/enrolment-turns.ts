import { setImmediate } from 'node:timers/promises';
import { Failure } from '@countersign/contracts';

const MAX_WAITING = 32; // an HSM that takes 10 ms for each is through with them in a third of a second
const RETRY_AFTER_MS = 500;

/**
 * Lets one enrolment into the HSM in a turn of the event loop, so that sign-ins which came meanwhile go between: who
 * enrols without end makes the others wait for one enrolment, not for all of them.
 */
export class EnrolmentTurns {
  private waiting = 0;
  private last: Promise<unknown> = Promise.resolve();

  /** What `work` gives, when its turn has come. Throws UNAVAILABLE, with retryAfterMs, when too many wait. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.waiting >= MAX_WAITING) {
      const options = { retryAfterMs: RETRY_AFTER_MS };
      throw new Failure('UNAVAILABLE', 'too many enrolments at once; nothing was decided', options);
    }
    this.waiting += 1;
    const mine = this.last.then(() => setImmediate()).then(work);
    this.last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.waiting -= 1;
    }
  }
}
