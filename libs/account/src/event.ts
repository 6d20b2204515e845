import type { DeviceId, Profile } from '@countersign/contracts';
import { Failure } from '@countersign/contracts';
import { STATE_VERSION, readable, type AccountState } from './state.js';

/** What every event says: what happened, when it was decided (ms since 1970) and which caller asked for it. */
interface Fact<Type extends string> {
  type: Type;
  at: number;
  by: string;
  state: AccountState;
}

/** What `judge` was given, so that history can be folded again. */
interface Judged {
  verb: 'verify' | 'device.confirm';
  /** version of the tenant's policy; absent: the one built in */
  policy?: number;
  /** digest of the origin that the caller stated */
  origin?: string;
  /** the device that the request named */
  named?: DeviceId;
  /** digest of (caller, requestId, code) */
  request?: string;
}

/** The match that decided, with its receipt. */
interface Decided extends DeviceMatch {
  /** what else the key service matched */
  others?: DeviceMatch[];
}

/** One device's answer from the key service. */
export interface DeviceMatch {
  device: DeviceId;
  counter: number;
  /** the HSM's MAC over tenant, account, device, epoch, counter */
  receipt: string;
}

export type AccountEvent =
  | Fact<'created'>
  | (Fact<'enrolled' | 'imported'> & { device: DeviceId; record: number; status: 'pending' | 'active' })
  | (Fact<'disabled' | 'enabled' | 'revoked'> & { device: DeviceId })
  | (Fact<'confirmed' | 'accepted' | 'replayed'> & Judged & Decided)
  | (Fact<'rejected'> & Judged & { reason: 'wrong_code' })
  | (Fact<'refused'> & Judged & { reason: 'locked' })
  | (Fact<'repeated'> & Judged & { device: DeviceId; of: number })
  | Fact<'unlocked' | 'renaming'>
  | (Fact<'renamed'> & { added: number; removed: number })
  | (Fact<'frozen'> & { sequences: [number, number] });

/** What the key service had matched when this event was judged, as far as it mattered. */
export function matchesOf(event: AccountEvent): DeviceMatch[] {
  if (!('receipt' in event)) return [];
  const { device, counter, receipt, others = [] } = event;
  return [{ device, counter, receipt }, ...others];
}

/** An event as it lies in the ledger: with the sequence it follows and a nonce of its own. */
export type StoredEvent = AccountEvent & { after: number; nonce: string };

/** The one append without a comparison: a question about a name that no account has. Carries no state. */
export interface NobodyEvent {
  type: 'nobody';
  at: number;
  by: string;
  nonce: string;
}

/** What never changes of a device's key: written once, under a subject of its own, and named by the state. */
export interface DeviceRecord {
  type: 'record';
  v: number;
  device: DeviceId;
  epoch: number;
  /** how the secret came to be shared */
  method: 'exchange' | 'import';
  profile: Profile;
  /** opaque; only the key service understands it */
  reference: string;
  at: number;
  by: string;
  nonce: string;
}

/** A tenant's settings, on its own reserved subject. */
export interface TenantEvent {
  type: 'tenant';
  v: number;
  /** whether `Ada` and `ada` name the same account; fixed for ever */
  names: 'fold' | 'exact';
  at: number;
  after: number;
  nonce: string;
}

/** The largest event or record; beyond it nothing is written (the mean should stay under 600 bytes). */
export const MAX_EVENT_BYTES = 16 * 1024;

/** Reads an account's event. Throws UNAVAILABLE for one of a newer version or of no version. */
export function parseEvent(bytes: Uint8Array): StoredEvent {
  const event = parse(bytes) as unknown as StoredEvent;
  if (!isState(event.state) || !Number.isSafeInteger(event.after))
    throw new Failure('UNAVAILABLE', 'the ledger holds an event without a state');
  readable(event.state);
  return event;
}

/** Reads a device record. Throws UNAVAILABLE for one of a newer version or of no version. */
export function parseRecord(bytes: Uint8Array): DeviceRecord {
  const record = parse(bytes) as unknown as DeviceRecord;
  if (record.type !== 'record' || !isVersion(record.v) || record.v > STATE_VERSION)
    throw new Failure('UNAVAILABLE', `the ledger holds a device record of version ${String(record.v)}`);
  return record;
}

const isVersion = (v: unknown): boolean => Number.isSafeInteger(v) && (v as number) >= 1;
const isState = (state: AccountState | null | undefined): boolean =>
  isVersion(state?.v) && Array.isArray(state?.devices);

function parse(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new Failure('UNAVAILABLE', 'the ledger holds an event that is not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null)
    throw new Failure('UNAVAILABLE', 'the ledger holds an event that is not an object');
  return value as Record<string, unknown>;
}
