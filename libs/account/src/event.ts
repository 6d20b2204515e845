import {
  DEFAULT_POLICY,
  Failure,
  PolicyFields,
  parseMessage,
  type AccountFact,
  type DeviceId,
  type DeviceMatch as MatchFact,
  type Following,
  type KeyProfile,
  type JudgedFact,
  type PolicyDecided,
  type TenantSettings,
} from '@countersign/contracts';
import { STATE_VERSION, readable, type AccountState } from './state.js';

/** One device's answer from the key service. */
export interface DeviceMatch extends MatchFact {
  device: DeviceId;
}

/** A fact whose ids were checked. */
type Checked<Fact> = {
  [Field in keyof Fact]: Field extends 'device' | 'named' | 'replaces' | 'replaced'
    ? DeviceId
    : Field extends 'others'
      ? DeviceMatch[]
      : Field extends 'ahead'
        ? DeviceMatch
        : Fact[Field];
};

/** What a fact has beside what tenants may see of it. */
interface Inside {
  /** the account's whole state after it */
  state: AccountState;
}

/** The same of a judged code, so that history can be folded again. */
interface JudgedInside extends Inside {
  /** digest of (caller, requestId, code) */
  request?: string;
}

/** The vocabulary, its fields and what they mean are in the contracts: `messages/event.ts`, `messages/enrolment-event.ts`. */
export type AccountEvent = Kept<AccountFact>;
type Kept<Fact> = Fact extends JudgedFact ? Checked<Fact> & JudgedInside : Checked<Fact> & Inside;

/** What the key service had matched when this event was judged, as far as it mattered. */
export function matchesOf(event: AccountEvent): DeviceMatch[] {
  if ('ahead' in event && event.ahead !== undefined) return [event.ahead];
  if (!('receipt' in event && 'device' in event) || event.type === 'challenge_accepted') return [];
  const { device, counter, receipt, others = [] } = event;
  return [{ device, counter, receipt }, ...others];
}

/** An event as it lies in the ledger: with the sequence it follows and a nonce of its own. */
export type StoredEvent = AccountEvent & Following & { nonce: string };

/** What never changes of a device's key: written under the key's own subject, and named by the state. */
export interface DeviceRecord {
  type: 'record';
  v: number;
  device: DeviceId;
  epoch: number;
  /** how the secret came to be shared */
  method: 'exchange' | 'import' | 'activation' | 'pin' | 'rekey' | 'recovery' | 'sheet';
  profile: KeyProfile;
  /** opaque; only the key service understands it */
  reference: string;
  at: number;
  by: string;
  nonce: string;
}

/** A tenant's settings, on its own reserved subject. */
export interface TenantEvent extends TenantSettings, Following {
  v: number;
  nonce: string;
}

/** A tenant's policy, on its own reserved subject. */
export interface PolicyEvent extends PolicyDecided {
  v: number;
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
    throw new Failure('UNAVAILABLE', `the ledger holds a device record of version ${JSON.stringify(record.v)}`);
  return record;
}

/**
 * Reads a policy; fields that it does not say are as by default. Throws UNAVAILABLE for one of a newer version, or with
 * numbers that no tenant may have.
 */
export function parsePolicy(bytes: Uint8Array): PolicyEvent {
  const event = parse(bytes) as unknown as PolicyEvent;
  if (event.type !== 'policy' || !isVersion(event.v) || event.v > STATE_VERSION)
    throw new Failure('UNAVAILABLE', `the ledger holds a policy of version ${JSON.stringify(event.v)}`);
  try {
    parseMessage(PolicyFields, event.policy);
    return { ...event, policy: { ...DEFAULT_POLICY, ...event.policy } };
  } catch (cause) {
    throw new Failure('UNAVAILABLE', 'the ledger holds a policy that no tenant may have', { cause });
  }
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
