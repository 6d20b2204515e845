import { Failure, type Countersign } from '@countersign/caller';
import { sleep } from '@countersign/runtime';
import type { TestDevice } from '@countersign/testkit';

const PAUSE_MS = 20; // what is tried is the log, not the speed
const WITHIN_MS = 1000;

/** What the ledger has to have for ever. */
export interface Answered {
  sequence: number;
  /** ms since 1970 */
  at: number;
}

/** Owners who sign in one code after the other, and somebody who tries names that nobody has, until told to stop. */
export class SignIns {
  private readonly answered: Answered[] = [];
  private stopped = false;
  private readonly work: Promise<void>[];

  constructor(
    private readonly app: Countersign,
    devices: TestDevice[],
  ) {
    this.work = [...devices.map((device) => this.owner(device)), this.stranger()];
  }

  /** What was answered since this was asked last. */
  take(): Answered[] {
    return this.answered.splice(0);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.work);
  }

  private async owner(device: TestDevice): Promise<void> {
    while (!this.stopped) {
      const counter = device.next;
      const known = await this.ask(device.account, device.code());
      if (!known) device.next = counter; // the same code again: accepted now, or a replay
      await sleep(PAUSE_MS);
    }
  }

  private async stranger(): Promise<void> {
    for (let number = 0; !this.stopped; number += 1) {
      await this.ask(`stranger-${number}`, '000000');
      await sleep(PAUSE_MS);
    }
  }

  private async ask(account: string, code: string): Promise<boolean> {
    try {
      const { verdict, reason, sequence, at } = await this.app.verify({ account, code }, { timeoutMs: WITHIN_MS });
      if (verdict === 'accepted' || reason === 'wrong_code') this.answered.push({ sequence, at });
      return true; // a replay need not be an event of its own
    } catch (error) {
      if (error instanceof Failure) return false;
      throw error;
    }
  }
}
