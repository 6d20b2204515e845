import type { EventView } from './event.js';
import { AccountName, Optional, Whole } from './fields.js';
import type { Milliseconds, Sequence, UnixMs } from './units.js';

const LATEST = 253_402_300_799_999; // the last ms of the year 9999
export const MAX_WAIT_MS = 20_000;
export const MAX_PAGE = 200;

/** `audit.events`: the tenant's events in order, a page at a time; with `waitMs` a long poll. */
export class EventsRequest {
  /** only this account's */
  @Optional()
  @AccountName()
  account?: string;

  /** only events after this ledger sequence: the `next` of the page before */
  @Optional()
  @Whole(0, Number.MAX_SAFE_INTEGER)
  after?: Sequence;

  /** only events stored at or after this time, ms since 1970 */
  @Optional()
  @Whole(0, LATEST)
  since?: UnixMs;

  /** only events stored before this time, ms since 1970 */
  @Optional()
  @Whole(0, LATEST)
  until?: UnixMs;

  /** at most this many (and at most 60 KiB) */
  @Optional()
  @Whole(1, MAX_PAGE)
  limit?: number;

  /** wait this long for a first event when there is none yet */
  @Optional()
  @Whole(0, MAX_WAIT_MS)
  waitMs?: Milliseconds;
}

export interface EventsReply {
  events: EventView[];
  /** pass as `after` to go on */
  next: Sequence;
  /** there is more right now */
  more: boolean;
}

/** What audit tells the platform when the ledger is not what it should be. */
export interface Alarm {
  kind: 'FORK';
  subject: string;
  /** the two events that name the same predecessor */
  sequences: [number, number];
}
