import { createHash } from 'node:crypto';
import {
  ACCOUNT_ID_LENGTH,
  DECOY_REFERENCE,
  RECOVERY_PROFILE,
  SHEET_PROFILE,
  ledgerSubject,
  type KeyProfile,
  type Profile,
  type Tenant,
} from '@countersign/contracts';
import {
  isSheet,
  newAccount,
  type AccountEvent,
  type AccountState,
  type Candidate,
  type DeviceMatch,
  type Profiles,
  type Standing,
} from '@countersign/account';
import type { DeviceId } from '@countersign/contracts';
import type { Appended, Ledger } from '@countersign/ledger';
import { randomId, type Clock } from '@countersign/runtime';
import type { LRUCache } from 'lru-cache';
import type { KeyMatcher } from '../keys/key-matcher.js';
import type { WindowCache, WindowName } from '../windows/window-cache.js';
import type { Place, Reading } from './place.js';

export interface NobodyParts {
  ledger: Ledger;
  windows: WindowCache;
  matcher: KeyMatcher;
  clock: Clock;
  /** shadow budgets by place */
  shadows: LRUCache<string, Standing>;
}

/** No ledger subject, but shaped like one: `id` is the name's place in the directory. */
export const nobodyKey = (tenant: Tenant, id: string): string => ledgerSubject(tenant, `_nobody_${id}`);

const DECOY_DEVICE = '_decoy' as DeviceId;
const DECOY_RECOVERY = '_decoy_recovery' as DeviceId;
const DECOY_SHEET = '_decoy_sheet' as DeviceId;
/** As many as sheets often have: so long it takes to look at one. */
const DECOY_CODES = 20;
const NEVER = Number.MAX_SAFE_INTEGER;
const DECOY_PROFILE: Profile = {
  type: 'totp',
  algorithm: 'SHA1',
  digits: 6,
  stepSeconds: 30,
  t0Seconds: 0,
  counter: 0,
};
const PROFILES: ReadonlyMap<DeviceId, KeyProfile> = new Map<DeviceId, KeyProfile>([
  [DECOY_DEVICE, DECOY_PROFILE],
  [DECOY_RECOVERY, RECOVERY_PROFILE],
  [DECOY_SHEET, SHEET_PROFILE],
]);

/**
 * A name that nobody has. Walks the same road as an account, so that an outsider cannot tell: the same reads, a match
 * against the tenant's decoy key (never a hit), an append that carries no state, and a shadow of a budget.
 */
export class NobodyPlace implements Place {
  readonly kind = 'nobody';
  readonly key: string;
  readonly account: string;

  constructor(
    private readonly parts: NobodyParts,
    private readonly tenant: Tenant,
    /** the name's place in the directory: an HMAC, so that no name is kept */
    readonly id: string,
  ) {
    this.key = nobodyKey(tenant, id);
    this.account = madeUpId(id);
  }

  async standing(): Promise<Reading> {
    const mine = this.parts.shadows.get(this.key);
    const cached = await this.parts.windows.admit(this.window(), mine?.sequence ?? 0);
    return cached === undefined ? this.fresh() : { ...cached, readAt: 0 };
  }

  /** Costs what reading an account costs. There is nothing behind the windows here: the newest shadow is the truth. */
  async fresh(): Promise<Reading> {
    const readAt = this.parts.clock.now();
    const mine = this.parts.shadows.get(this.key);
    const [shared] = await Promise.all([
      this.parts.windows.admit(this.window(), mine?.sequence ?? 0, 'too'),
      this.parts.ledger.tenant(this.tenant),
    ]);
    const { state, sequence } = shared ?? mine ?? { state: decoyAccount(), sequence: 0 };
    return { state, sequence, readAt };
  }

  after(): Promise<Reading> {
    return this.fresh();
  }

  /** The first time, it costs what reading a device's record costs. */
  async profiles({ sequence }: Standing): Promise<Profiles> {
    if (sequence === 0) await this.parts.ledger.tenant(this.tenant);
    return PROFILES;
  }

  async match(candidates: Candidate[], code: string): Promise<DeviceMatch[]> {
    await this.parts.matcher.match(
      candidates.map(({ device, from, count, floor }) => {
        const { type, algorithm, digits } = PROFILES.get(device.id) ?? DECOY_PROFILE;
        return {
          reference: DECOY_REFERENCE,
          tenant: this.tenant,
          account: '_decoy',
          device: this.id,
          epoch: 1,
          algorithm,
          digits,
          ...(isSheet({ type }) && { format: 'recovery' }),
          from,
          count,
          spent: device.floor,
          floor,
          code,
        };
      }),
    );
    return [];
  }

  /** The event's state stays out of the ledger: it is nobody's. Replicas that guess at once conflict in the window. */
  question(): Promise<never> {
    throw new Error('nobody has no OCRA device');
  }

  async append({ at, by, state }: AccountEvent, after: number): Promise<Appended> {
    const sequence = await this.parts.ledger.nobody(this.tenant, { type: 'nobody', at, by });
    const kept = await this.parts.windows.settle(this.window(), { state, sequence }, after);
    if (kept === false && (await this.guessedMeanwhile(after))) return { kind: 'conflict' };
    this.parts.shadows.set(this.key, { state, sequence });
    return { kind: 'stored', sequence };
  }

  /** Whether another replica's later shadow is why mine was not kept, and not something that nobody believes. */
  private async guessedMeanwhile(after: number): Promise<boolean> {
    return (await this.parts.windows.admit(this.window(), after + 1, 'too')) !== undefined;
  }

  private window(): WindowName {
    return { stream: this.parts.ledger.identity, subject: this.key };
  }
}

/** Shaped like an account's id, always the same for a name, and no account's: nobody could draw it. */
function madeUpId(id: string): string {
  const bytes = createHash('sha256').update(`countersign nobody\0${id}`).digest();
  return randomId({ bytes: (length) => bytes.subarray(0, length) }, ACCOUNT_ID_LENGTH);
}

function decoyAccount(): AccountState {
  const begun = { status: 'active', epoch: 1, record: 0, floor: 0 } as const;
  return {
    ...newAccount(),
    devices: [
      { id: DECOY_DEVICE, type: 'totp', ...begun },
      { id: DECOY_RECOVERY, type: 'recovery', ...begun },
      { id: DECOY_SHEET, type: 'sheet', ...begun, codes: DECOY_CODES, expiresAt: NEVER },
    ],
  };
}
