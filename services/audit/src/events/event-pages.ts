import type { EventView, EventsReply, EventsRequest } from '@countersign/contracts';
import type { Message } from '@countersign/ledger';
import { eventView, holdsEvents } from './event-view.js';
import { SKEW_MS, firstAt, type BySequence } from './first-at.js';

const PAGE = 100;
/** Leaves room for the envelope in a 64 KiB message. */
const MAX_PAGE_BYTES = 60 * 1024;
const UNREADABLE = Buffer.alloc(0);
const MAX_SKIPPED = 1000; // records, and events outside of the time asked for, before the asker has to ask on

export type Range = Pick<EventsRequest, 'after' | 'since' | 'until' | 'limit'>;

/** Pages of one account's or one tenant's events, read by sequence. */
export class EventPages {
  constructor(private readonly ledger: BySequence) {}

  /** The sequence to start after: where the page before ended, or where `since` begins. Throws UNAVAILABLE. */
  async start({ after = 0, since }: Range): Promise<number> {
    return since === undefined ? after : Math.max(after, (await firstAt(this.ledger, since)) - 1);
  }

  /**
   * The events under `filter` after sequence `start`, in order; a device's record is none. At most `limit` and 60 KiB,
   * and no further than `inTime` allows. A page that ends early says `more`, even when it is empty. Throws UNAVAILABLE.
   */
  async page(filter: string, start: number, range: Range, inTime: () => boolean): Promise<EventsReply> {
    const { since = 0, until = Infinity, limit = PAGE } = range;
    const events: EventView[] = [];
    let bytes = 0;
    let skipped = 0;
    let next = start;
    for (;;) {
      const message = await this.ledger.next(next + 1, filter);
      if (message === undefined || message.storedAt >= until + SKEW_MS) return { events, next, more: false };
      if (skipped === MAX_SKIPPED || !inTime()) return { events, next, more: true };
      if (!holdsEvents(message.subject) || message.storedAt < since || message.storedAt >= until) skipped += 1;
      else {
        const { view, size } = shown(message);
        bytes += size;
        if (events.length === limit || bytes > MAX_PAGE_BYTES) return { events, next, more: true };
        events.push(view);
      }
      next = message.sequence;
    }
  }
}

/**
 * What no page could hold was not written by `append`, which ends at 16 KiB. It is shown as what it is, so that it keeps
 * nobody from what comes after it.
 */
function shown(message: Message): { view: EventView; size: number } {
  const view = eventView(message);
  const size = Buffer.byteLength(JSON.stringify(view)) + 1;
  return size <= MAX_PAGE_BYTES ? { view, size } : shown({ ...message, data: UNREADABLE });
}
