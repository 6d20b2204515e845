import { Failure, type Countersign } from '@countersign/caller';
import { SystemRandom, randomId, sleep } from '@countersign/runtime';
import type { Device } from '../world/device.js';
import { rekeyOf } from '../world/rekey.js';

const PAUSE_MS = 100;
const LATEST_MS = 8000; // after everything is mended

/** A device that gets one key after the other. Whatever fails meanwhile, each next key comes whole, or not at all. */
export class Rekeys {
  /** answers that must not be, in words */
  readonly wrong: string[] = [];
  /** by code */
  readonly failures = new Map<string, number>();
  done = 0;
  private stopped = false;
  private untilMs = Infinity;
  private readonly work: Promise<void>;

  constructor(
    private readonly desk: Countersign,
    private readonly identity: string,
    private device: Device,
    private epoch: number,
  ) {
    this.work = this.rekey();
  }

  /** The device as it is at the end, and the key that it had before: one of them works. */
  async stop(): Promise<{ device: Device; epoch: number }> {
    this.stopped = true;
    this.untilMs = performance.now() + LATEST_MS;
    await this.work;
    return { device: this.device, epoch: this.epoch };
  }

  private async rekey(): Promise<void> {
    while (!this.stopped) {
      const { request, finish } = rekeyOf(this.device, this.identity, this.epoch);
      const answer = await this.answered(() => this.desk.beginRekey(request));
      if (answer === undefined) return;
      try {
        await this.confirm(finish(answer));
      } catch (error) {
        this.wrong.push(`a next key that does not open: ${String(error)}`);
        return;
      }
      await sleep(PAUSE_MS);
    }
  }

  private async confirm(next: Device): Promise<void> {
    const code = next.code();
    const requestId = randomId(new SystemRandom(), 12);
    const epoch = this.epoch + 1;
    const confirming = { id: next.accountId, device: next.id, epoch, code, requestId };
    const verdict = await this.answered(() => this.desk.confirmRekey(confirming));
    if (verdict === undefined) return;
    if (verdict.verdict !== 'accepted') this.wrong.push(`a first code was ${verdict.reason}`);
    [this.device, this.epoch, this.done] = [next, epoch, this.done + 1];
  }

  /** Asks until there is an answer: while the HSM is in trouble nothing is decided. */
  private async answered<T>(ask: () => Promise<T>): Promise<T | undefined> {
    while (performance.now() < this.untilMs) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        this.failures.set(error.code, (this.failures.get(error.code) ?? 0) + 1);
        if (!['UNAVAILABLE', 'BUSY', 'OUTCOME_UNKNOWN'].includes(error.code)) {
          this.wrong.push(`${error.code}: ${error.message}`);
          return undefined;
        }
        await sleep(PAUSE_MS);
      }
    }
    this.wrong.push('no answer in the end');
    return undefined;
  }
}
