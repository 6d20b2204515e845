import { Batcher, type Bus } from '@countersign/bus';
import {
  Failure,
  MAX_BATCH,
  keysSubject,
  type MatchItem,
  type MatchReply,
  type MatchResult,
} from '@countersign/contracts';
import type { DeviceMatch } from '@countersign/account';
import type { DeviceId } from '@countersign/contracts';

const TIMEOUT_MS = 1500; // twice that is less than callers wait by default
const ENVELOPE_BYTES = 320; // an item without its reference

/** Asks the key service; what waits when a call returns goes in one message, a lone question waits for nothing. */
export class KeyMatcher {
  private readonly batcher: Batcher<MatchItem, MatchResult>;

  constructor(private readonly bus: Bus) {
    this.batcher = new Batcher((items) => this.ask(items), {
      maxItems: MAX_BATCH,
      sizeOf: ({ reference }) => reference.length + ENVELOPE_BYTES,
    });
  }

  /**
   * The devices that show the code, with receipts. Throws UNAVAILABLE when any of them could not be evaluated: half an
   * answer would be a wrong one.
   */
  async match(items: MatchItem[]): Promise<DeviceMatch[]> {
    const results = await Promise.all(items.map((item) => this.batcher.add(item)));
    return results.flatMap((result, index) => {
      switch (result.kind) {
        case 'none':
          return [];
        case 'match': {
          const device = (items[index] as MatchItem).device as DeviceId;
          return [{ device, counter: result.counter, receipt: result.receipt }];
        }
        case 'refused':
          throw new Failure('UNAVAILABLE', 'too many wrong codes for one device within a minute; nothing was decided', {
            retryAfterMs: result.retryAfterMs,
          });
        case 'unknown-key':
          throw new Failure('UNAVAILABLE', 'the key service does not know the key of this device');
      }
    });
  }

  /**
   * Asks once more when nothing came, or the HSM of whoever got the question is in trouble: another replica may answer.
   * Matching decides nothing, so it may be done twice; each replica counts what it evaluates. Who says when to come back
   * is not hurried.
   */
  private async ask(items: MatchItem[]): Promise<MatchResult[]> {
    const once = async (): Promise<MatchResult[]> =>
      (await this.bus.request<MatchReply>(keysSubject('match'), { items }, { timeoutMs: TIMEOUT_MS })).results;
    try {
      return await once();
    } catch (error) {
      const elsewhere = error instanceof Failure && error.code === 'UNAVAILABLE' && error.retryAfterMs === undefined;
      if (!elsewhere) throw error;
      return once();
    }
  }
}
