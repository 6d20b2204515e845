import {
  Failure,
  ledgerSubject,
  type AccountId,
  type DeviceId,
  type KeyProfile,
  type MatchItem,
  type OcraItem,
  type Profile,
  type Tenant,
} from '@countersign/contracts';
import { isSheet } from '@countersign/account';
import type {
  AccountEvent,
  Candidate,
  DeviceMatch,
  DeviceRecord,
  DeviceState,
  Profiles,
  Standing,
} from '@countersign/account';
import type { Appended, Ledger } from '@countersign/ledger';
import type { LRUCache } from 'lru-cache';
import type { ChallengeKeys } from '../keys/challenge-keys.js';
import type { KeyMatcher } from '../keys/key-matcher.js';
import type { WindowCache, WindowName } from '../windows/window-cache.js';
import type { Answered, More, Place, Reading } from './place.js';
import type { Records } from './records.js';

export interface AccountParts {
  ledger: Ledger;
  windows: WindowCache;
  records: Records;
  matcher: KeyMatcher;
  keys: ChallengeKeys;
  /** the highest sequence this replica saw, by subject: a cached state below it is absent */
  seen: LRUCache<string, number>;
}

function suitesOf({ suite, platformSuite }: Profile): Pick<OcraItem, 'suite' | 'platformSuite'> {
  if (suite === undefined) throw new Failure('UNAVAILABLE', 'the ledger holds an OCRA device without a suite');
  return { suite, ...(platformSuite !== undefined && { platformSuite }) };
}

/** An account in the ledger. */
export class AccountPlace implements Place {
  readonly kind = 'account';
  readonly key: string;
  readonly account: string;

  constructor(
    private readonly parts: AccountParts,
    private readonly tenant: Tenant,
    readonly id: AccountId,
  ) {
    this.key = ledgerSubject(tenant, id);
    this.account = id;
  }

  async standing(): Promise<Reading | undefined> {
    const cached = await this.parts.windows.admit(this.window(), this.parts.seen.get(this.key) ?? 0);
    if (cached === undefined) return this.fresh();
    this.saw(cached.sequence);
    return { ...cached, readAt: 0 };
  }

  async fresh(): Promise<Reading | undefined> {
    return this.notBehind(await this.parts.ledger.account(this.tenant, this.id));
  }

  async after({ last }: Appended & { kind: 'conflict' }): Promise<Reading | undefined> {
    const named = last === undefined ? undefined : await this.parts.ledger.accountAt(this.tenant, this.id, last);
    return named === undefined ? this.fresh() : this.notBehind(named);
  }

  async profiles({ state }: Standing): Promise<Profiles> {
    const living = state.devices.filter(({ status }) => status === 'active' || status === 'pending');
    return new Map(
      await Promise.all(
        living.map(async (device): Promise<[DeviceId, KeyProfile]> => [device.id, (await this.record(device)).profile]),
      ),
    );
  }

  async match(candidates: Candidate[], code: string, more: More = {}): Promise<DeviceMatch[]> {
    const items = await Promise.all(candidates.map((candidate) => this.item(candidate, code, more)));
    return this.parts.matcher.match(items);
  }

  async question(device: DeviceState, answered: Answered): Promise<{ question: string; answer?: string }> {
    const { key, profile } = await this.known(device);
    if (profile.type !== 'ocra') throw new Error(`device ${device.id} answers no questions`);
    return this.parts.keys.question({ ...key, ocra: { ...suitesOf(profile), ...answered } });
  }

  async append(event: AccountEvent, after: number): Promise<Appended> {
    const appended = await this.parts.ledger.append(this.tenant, this.id, event, after);
    if (appended.kind === 'stored') {
      this.saw(appended.sequence);
      const settled = this.parts.windows.settle(this.window(), { state: event.state, sequence: appended.sequence });
      if (event.type === 'rejected' || event.type === 'challenge_rejected') await settled; // as for a name that nobody has, whose budget is only there
    }
    return appended;
  }

  private async item(
    { device, from, count, floor }: Candidate,
    code: string,
    { next, answered }: More,
  ): Promise<MatchItem> {
    const { key, profile } = await this.known(device);
    return {
      ...key,
      digits: profile.digits,
      ...(isSheet(profile) && { format: 'recovery' }),
      ...(profile.type === 'ocra' && { ocra: { ...suitesOf(profile), ...answered } }),
      from,
      count,
      spent: device.floor,
      floor,
      code,
      ...(next !== undefined && { next }),
    };
  }

  /** How the key service knows a device. */
  private async known(device: DeviceState) {
    const { reference, profile } = await this.record(device);
    const { algorithm } = profile;
    const label = { tenant: this.tenant, account: this.id, device: device.id, epoch: device.epoch };
    return { key: { reference, ...label, algorithm }, profile };
  }

  /** The record that the state names, if it is this device's. */
  private async record({ id, epoch, record: sequence }: DeviceState): Promise<DeviceRecord> {
    const record = await this.parts.records.at(sequence);
    if (record.device === id && record.epoch === epoch) return record;
    throw new Failure('UNAVAILABLE', `the ledger has no record of device ${id} at ${sequence}`);
  }

  /** P4: a ledger that ends before what was seen has gone back, or its leader is not the leader yet. */
  private notBehind<T extends Reading>(reading: T | undefined): T | undefined {
    const seen = this.parts.seen.get(this.key);
    if (seen !== undefined && (reading?.sequence ?? 0) < seen)
      throw new Failure('UNAVAILABLE', 'the ledger answers with less than was seen of this account', {
        retryAfterMs: 1000,
      });
    if (reading !== undefined) this.saw(reading.sequence);
    return reading;
  }

  private saw(sequence: number): void {
    if (sequence > (this.parts.seen.get(this.key) ?? 0)) this.parts.seen.set(this.key, sequence);
  }

  private window(): WindowName {
    return { stream: this.parts.ledger.identity, subject: this.key };
  }
}
