import type { DeviceRecord } from '@countersign/account';
import type { Ledger } from '@countersign/ledger';
import { LRUCache } from 'lru-cache';

/** Device records by ledger sequence. They never change, so that one read is enough for ever. */
export class Records {
  private readonly cache: LRUCache<number, DeviceRecord>;

  constructor(
    private readonly ledger: Ledger,
    remembered: number,
  ) {
    this.cache = new LRUCache({ max: remembered });
  }

  /** Throws UNAVAILABLE when the ledger cannot be read or has no such record. */
  async at(sequence: number): Promise<DeviceRecord> {
    const known = this.cache.get(sequence);
    if (known !== undefined) return known;
    const record = await this.ledger.record(sequence);
    this.cache.set(sequence, record);
    return record;
  }
}
