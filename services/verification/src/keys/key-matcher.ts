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
const ENVELOPE_BYTES = 350; // an item without its reference
const WAITING_PAIRS = 16; // two codes in a row are a thousand counters: half a second for all of them

/**
 * Asks the key service; what waits when a call returns goes in one message, a lone question waits for nothing. Two codes
 * in a row take so long to look for that they go one at a time beside the others, so that they hold up no sign-in.
 */
export class KeyMatcher {
  private readonly batcher: Batcher<MatchItem, MatchResult>;
  private readonly pairs: Batcher<MatchItem, MatchResult>;

  constructor(private readonly bus: Bus) {
    const send = (items: MatchItem[]): Promise<MatchResult[]> => this.ask(items);
    this.batcher = new Batcher(send, {
      maxItems: MAX_BATCH,
      sizeOf: ({ reference }) => reference.length + ENVELOPE_BYTES,
    });
    this.pairs = new Batcher(send, { maxItems: 1, inflight: 1 });
  }

  /**
   * The devices that show the code, with receipts. Throws UNAVAILABLE when any of them could not be evaluated: half an
   * answer would be a wrong one.
   */
  async match(items: MatchItem[]): Promise<DeviceMatch[]> {
    const results = await Promise.all(items.map((item) => this.result(item)));
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

  private async result(item: MatchItem): Promise<MatchResult> {
    if (item.next === undefined) return this.batcher.add(item);
    if (this.pairs.waitingItems < WAITING_PAIRS) return this.pairs.add(item);
    throw new Failure('UNAVAILABLE', 'too many resynchronisations wait; nothing was decided', { retryAfterMs: 1000 });
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
