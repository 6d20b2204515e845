import type { EventView } from './event.js';
import { AccountName, Optional, Whole } from './fields.js';
import type { Milliseconds, Sequence, UnixMs } from './units.js';

const LATEST = 253_402_300_799_999; // the last ms of the year 9999
export const MAX_WAIT_MS = 20_000;
export const MAX_PAGE = 200;
export const MAX_ENTRIES = 256;

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

/** A checkpoint of the log: a C2SP signed note, as text. */
export type CheckpointText = string;
/**
 * a hash, 32 bytes in base64 (RFC 4648 section 4)
 * @pattern ^[A-Za-z0-9+/]{43}=$
 */
export type HashText = string;

/** `audit.checkpoint`: the log's last checkpoint; with `after` and `waitMs` a long poll. */
export class CheckpointRequest {
  /** wait for a checkpoint of more entries than these */
  @Optional()
  @Whole(0, Number.MAX_SAFE_INTEGER)
  after?: Sequence;

  /** wait this long for it; then the last one is answered as it is */
  @Optional()
  @Whole(0, MAX_WAIT_MS)
  waitMs?: Milliseconds;
}

export interface CheckpointReply {
  checkpoint: CheckpointText;
}

/**
 * `audit.proof`: with `sequence` that this entry is in the log; with `from` that the log begins with the first `from`
 * entries. Exactly one of the two.
 */
export class ProofRequest {
  @Optional()
  @Whole(1, Number.MAX_SAFE_INTEGER)
  sequence?: Sequence;

  /** size of the older tree */
  @Optional()
  @Whole(0, Number.MAX_SAFE_INTEGER)
  from?: Sequence;

  /** of the tree of so many entries, whose checkpoint the asker has; without it that of the last checkpoint */
  @Optional()
  @Whole(0, Number.MAX_SAFE_INTEGER)
  size?: Sequence;
}

export interface ProofReply {
  /** of the tree of so many entries */
  size: Sequence;
  /** the hashes of the RFC 6962 proof, in its order */
  proof: HashText[];
  /** the last one; of `size` entries unless another size was asked for */
  checkpoint: CheckpointText;
}

/** `audit.entry`: entries of the log in order. */
export class EntryRequest {
  @Whole(1, Number.MAX_SAFE_INTEGER)
  sequence!: Sequence;

  /** so many from there on, at most 256 and 60 KiB; 1 without it */
  @Optional()
  @Whole(1, MAX_ENTRIES)
  count?: number;
}

export interface LogEntry {
  sequence: Sequence;
  /** the leaf's hash */
  leaf: HashText;
  /** the leaf itself: of the tenant's own events. Others', and device records, are told by their hashes alone */
  entry?: string;
}

export interface EntryReply {
  /** at least one; fewer than asked for where no more fit, or there are no more under the last checkpoint */
  entries: LogEntry[];
}

/** `audit.receipt`: everything it takes to check one of the tenant's events offline. */
export class ReceiptRequest {
  @Whole(1, Number.MAX_SAFE_INTEGER)
  sequence!: Sequence;
}

/** One event, the proof that it is in the log, and the checkpoint that signs the log. */
export interface AuditReceipt {
  /** says how this is to be read */
  format: 'countersign-receipt-v1';
  sequence: Sequence;
  /** the leaf: subject, newline, the event as the ledger holds it */
  entry: string;
  /** inclusion of leaf `sequence` - 1 in the checkpoint's tree */
  proof: HashText[];
  checkpoint: CheckpointText;
}

/** Two events name the same predecessor: the account has two histories. */
export interface ForkAlarm {
  kind: 'FORK';
  subject: string;
  /** the two events */
  sequences: [number, number];
}

export const LOG_ALARMS = ['STEP', 'RECEIPT', 'GAP', 'ROLLBACK', 'SPLIT'] as const;

/**
 * STEP: an event is not what the rules make of the state before it. RECEIPT: a match without the key service's receipt.
 * GAP: a sequence is gone from the ledger. ROLLBACK: the ledger, or the chain of checkpoints, ends before what was signed.
 * SPLIT: the ledger makes another tree than the one that was signed.
 */
export interface LogAlarm {
  kind: (typeof LOG_ALARMS)[number];
  /** the event's; empty where it is about the log as a whole */
  subject: string;
  /** the event's, or the size that is in doubt */
  sequence: number;
  /** in words */
  detail: string;
}

/** What audit tells the platform when the ledger is not what it should be. */
export type Alarm = ForkAlarm | LogAlarm;
