import type { DeviceId, Profile } from '@countersign/contracts';
import {
  newAccount,
  type AccountEvent,
  type AccountState,
  type DeviceMatch,
  type Profiles,
} from '@countersign/account';
import type { Appended } from '@countersign/ledger';
import type { Place, Reading } from '../places/place.js';

export const PHONE = '0123456789ab' as DeviceId;
const PROFILE: Profile = { type: 'hotp', algorithm: 'SHA1', digits: 6, stepSeconds: 30, t0Seconds: 0, counter: 0 };

/** An account with one HOTP device whose next counter is `floor`. */
export function withPhone(floor = 5, more: Partial<AccountState> = {}): AccountState {
  const phone = { id: PHONE, type: 'hotp', status: 'active', epoch: 1, record: 1, floor } as const;
  return { ...newAccount(), devices: [phone], ...more };
}

/**
 * A place in memory, with the ledger's rules: an append conflicts unless it follows the last event. Codes are counters:
 * `000007` is the code of counter 7. Tests only; each part can be replaced to tell a story.
 */
export class ScriptedPlace implements Place {
  readonly kind = 'account';
  readonly account = 'a'.repeat(20);
  readonly told: string[] = [];
  events: AccountEvent[] = [];
  /** what the cache gives; undefined: nothing is cached */
  cached: Reading | undefined;
  last: { state: AccountState; sequence: number } | undefined;
  now: () => number = () => 0;

  constructor(
    readonly id: string,
    state: AccountState | undefined = withPhone(),
    readonly key = `ledger.acme.${id}`,
  ) {
    this.last = state && { state, sequence: 1 };
  }

  async standing(): Promise<Reading | undefined> {
    this.told.push('standing');
    return this.cached ?? this.fresh();
  }

  async fresh(): Promise<Reading | undefined> {
    this.told.push('fresh');
    return this.last && { ...this.last, readAt: this.now() };
  }

  async after(): Promise<Reading | undefined> {
    this.told.push('after');
    return this.last && { ...this.last, readAt: 0 };
  }

  async profiles(): Promise<Profiles> {
    return new Map([[PHONE, PROFILE]]);
  }

  async match(candidates: { from: number; count: number }[], code: string): Promise<DeviceMatch[]> {
    this.told.push('match');
    const counter = Number(code);
    const [{ from, count } = { from: 0, count: 0 }] = candidates;
    return counter >= from && counter < from + count ? [{ device: PHONE, counter, receipt: 'r' }] : [];
  }

  question(): Promise<never> {
    throw new Error('a phone answers no questions');
  }

  async append(event: AccountEvent, after: number): Promise<Appended> {
    this.told.push(`append ${event.type}`);
    return this.store(event, after);
  }

  /** Somebody else's event, or this place's own. */
  store(event: Pick<AccountEvent, 'state'>, after = this.last?.sequence ?? 0): Appended {
    if (after !== (this.last?.sequence ?? 0)) return { kind: 'conflict', last: this.last?.sequence ?? 0 };
    const sequence = after + 1;
    this.last = { state: event.state, sequence };
    this.events.push(event as AccountEvent);
    return { kind: 'stored', sequence };
  }
}
