import {
  DEFAULT_POLICY,
  Failure,
  POLICY_RANGES,
  type ChallengeRejection,
  type CodeForm,
  type DeviceId,
  type DeviceStatus,
  type JudgedFact,
  type KeyType,
  type Profile,
} from '@countersign/contracts';
import { agedBucket, type Bucket } from './budget.js';

/** The state version written, and the newest one that this code can read. Older ones are read for ever. */
export const STATE_VERSION = 1;

/** Whole state of an account: what the last event on its subject carries. Kept small, since every append loads it. */
export interface AccountState {
  v: number;
  /** raised before any name of this account changes; cached bindings carry the count they were read at */
  names: number;
  /** names are being changed: no binding read now may be remembered */
  renaming?: Renaming;
  devices: DeviceState[];
  /** attempts from origins that were accepted before */
  known?: Bucket;
  /** attempts from anywhere else */
  unknown?: Bucket;
  origins?: SeenOrigin[];
  recent?: RecentVerdict[];
  /** a session to pair by PIN */
  pairing?: OpenPairing;
  /** when sessions to pair were opened in the last hour, ms since 1970; oldest first */
  pairingsOpened?: number[];
  /** one-time activation: what is open, and what was used lately; oldest first */
  activations?: Activation[];
  /** codes for one purpose that can be used still; oldest first */
  challenges?: OpenChallenge[];
  /** two events named the same predecessor: nothing is accepted until an operator has looked */
  frozen?: true;
  /** whose account it was is forgotten: nothing is ever added to it again */
  erased?: true;
}

export interface Renaming {
  /** how many changes are under way */
  open: number;
  /** when the last of them began, ms since 1970 */
  at: number;
}

export interface DeviceState {
  id: DeviceId;
  type: KeyType;
  status: DeviceStatus;
  /** version of the key */
  epoch: number;
  /** ledger sequence of the record that holds the key reference and the profile */
  record: number;
  /** the lowest counter that may still be accepted (I1): HOTP counter or TOTP step */
  floor: number;
  /** pending: when it stops waiting for its first code; a sheet: when its codes end. ms since 1970 */
  expiresAt?: number;
  /** pending only: any verification may accept its first code, which makes it active */
  firstUse?: true;
  /** pending only: the device that is revoked when this one is confirmed */
  replaces?: DeviceId;
  /** a key that waits for its first code, to take the place of this one */
  next?: NextKey;
  /** judged only when a request names it */
  namedOnly?: true;
  /** it came by pairing with a PIN */
  paired?: true;
  /** HOTP: counters a little below the floor that were passed over: nobody showed their codes */
  skipped?: number[];
  /** a sheet: how many codes it has; absent: RECOVERY_CODES */
  codes?: number;
  /** a sheet: which of its codes are spent, bit i for code i, in hexadecimal */
  spent?: string;
  /** TOTP: how many steps the device's clock was ahead of ours at the last acceptance (behind: negative) */
  drift?: number;
  /** HOTP: the counter of the last code, where that one was beyond the look-ahead */
  ahead?: number;
  /** replays written down in this minute: at most one event per counter and minute */
  replay?: { minute: number; counters: number[] };
}

/** A session to pair one device by PIN. What proves the PIN is in the memory of the replica that opened it. */
export interface OpenPairing {
  session: string;
  /** ms since 1970 */
  expiresAt: number;
  /** 0: the last share may still be confirmed */
  triesLeft: number;
}

/** A re-key under way. Until its first code is confirmed only the present key counts; from then on only this one. */
export interface NextKey {
  epoch: number;
  /** ledger sequence of the record */
  record: number;
  /** ms since 1970 */
  expiresAt: number;
}

/** One invitation to activate a device, known by a digest of its token. */
export type Activation = OpenActivation | UsedActivation;

/** Nobody has brought its token yet. */
export interface OpenActivation {
  status: 'open';
  /** the first 16 bytes of SHA-256 over the token, base64url */
  digest: string;
  /** when the token ends, ms since 1970 */
  expiresAt: number;
  /** what the device will be */
  profile: Profile;
  namedOnly?: true;
  /** as the device will */
  replaces?: DeviceId;
}

/** Its token is spent. It is remembered, so that a second use is noticed. */
export interface UsedActivation {
  status: 'used';
  digest: string;
  /** when a second use is not noticed any more, ms since 1970 */
  expiresAt: number;
  /** the device that the first use made, or began to make */
  device: DeviceId;
  /** the last minute in which a second use was written down */
  again?: number;
}

/** A code for one purpose, but for the code: that is computed again whenever it is needed, and kept nowhere. */
export type OpenChallenge = ChallengeTerms & ChallengeCode;

/** Where its code comes from. */
export type ChallengeCode = IssuedCode | DeviceResponse;

/** The HSM makes it. */
interface IssuedCode {
  /** what makes its code another one than that of every other challenge; 16 bytes, base64url */
  nonce: string;
  form: CodeForm;
}

/** The OCRA device that the challenge is bound to does. */
interface DeviceResponse {
  ocra: {
    /** its own question, where it asked first */
    asked?: string;
  };
}

export interface ChallengeTerms {
  id: string;
  /** ms since 1970 */
  expiresAt: number;
  /** wrong codes that it will bear still */
  triesLeft: number;
  /** how often it can be sent still */
  sendsLeft: number;
  /** the caller that issued it */
  by: string;
  /** callers that may verify it, too */
  verifiers?: string[];
  /** what it is bound to, beside them */
  bound?: Bound;
  /** digest of (caller, requestId, request) */
  request?: string;
}

/** What has to hold where a code is used; all of it is in the digest that the code is computed from. */
export interface Bound {
  purpose?: string;
  /** digest of the transaction, under a secret of verification's */
  transaction?: string;
  device?: DeviceId;
  /** CIDR */
  networks?: string[];
  zone?: string;
  /** geohash; the 8 cells around it count, too */
  cell?: string;
  /** it counts no sooner; ms since 1970 */
  from?: number;
}

/** Where an accepted code came from: the digest of what the caller stated. */
export interface SeenOrigin {
  origin: string;
  /** ms since 1970 */
  at: number;
  /** the device that was shown, for ALTERNATION_MS; absent: the account's only one, revoked and pending ones counted */
  device?: DeviceId;
}

/** A verdict that a retry with the same requestId gets again. */
export interface RecentVerdict {
  /** digest of (caller, requestId, code) */
  request: string;
  at: number;
  /** absent: verify */
  verb?: Exclude<JudgedFact['verb'], 'verify'>;
  /** absent: accepted */
  reason?: 'wrong_code' | 'replayed';
  device?: DeviceId;
  /** of a challenge: why it was rejected, where that is no wrong code */
  why?: ChallengeRejection;
  /** ledger sequence of the verdict; absent while that is the event which carries this very state */
  sequence?: number;
}

export const MAX_RECENT = 8;
export const RECENT_MS = 60_000;
/** codes of one device that come from two origins in turn within this time are a sign that two hold its secret */
export const ALTERNATION_MS = 2 * 60 * 1000;
export const DAY_MS = 24 * 3600 * 1000;
const MAX_ORIGINS = POLICY_RANGES.origins[1];
export const PENDING_MS = 15 * 60 * 1000;
/** a change of names that has not ended by then never will: whoever made it is gone */
export const RENAMING_MS = 10 * 60 * 1000;
/** the open activation and the last used ones */
export const MAX_ACTIVATIONS = 4;
/** how long a second use of an activation's token is noticed */
export const USED_MS = 30 * DAY_MS;
/** sessions to pair are counted over this time */
export const PAIRINGS_MS = 3600 * 1000;
const MAX_REVOKED = 4; // shown for a while; history keeps them all

/** Minutes since 1970: what is noted at most once a minute is noted by this number. */
export const minuteOf = (now: number): number => Math.floor(now / 60_000);

export const newAccount = (): AccountState => ({ v: STATE_VERSION, names: 1, devices: [] });

/** Refuses a state that a newer version of this code wrote: it may hold facts that this one would lose. */
export function readable(state: AccountState): AccountState {
  if (state.v <= STATE_VERSION) return state;
  throw new Failure(
    'UNAVAILABLE',
    `this account was written by a newer version (${state.v}); this one reads up to ${STATE_VERSION}`,
  );
}

/** The state without what time has ended. `sequence`: of the event that carried `state`. Returns a copy to change. */
export function aged(
  state: AccountState,
  sequence: number,
  now: number,
  originDays = DEFAULT_POLICY.originDays,
): AccountState {
  const { origins, recent, renaming, activations, challenges, pairing, pairingsOpened, ...rest } = state;
  const next: AccountState = { ...rest, v: STATE_VERSION, devices: living(state.devices, now) };
  for (const name of ['known', 'unknown'] as const) {
    const bucket = next[name] && agedBucket(next[name], now);
    if (bucket === undefined) delete next[name];
    else next[name] = bucket;
  }
  if (renaming !== undefined && now - renaming.at < RENAMING_MS) next.renaming = renaming;
  if (pairing !== undefined && pairing.expiresAt > now) next.pairing = pairing;
  const opened = pairingsOpened?.filter((at) => now - at < PAIRINGS_MS);
  if (opened?.length) next.pairingsOpened = opened;
  const lasting = activations?.filter(({ expiresAt }) => expiresAt > now);
  if (lasting?.length) next.activations = lasting;
  const open = challenges?.filter(({ expiresAt }) => expiresAt > now);
  if (open?.length) next.challenges = open;
  const fresh = origins?.filter(({ at }) => now - at < originDays * DAY_MS).slice(-MAX_ORIGINS);
  if (fresh?.length) next.origins = fresh.map((seen) => withoutOldDevice(seen, now));
  const repeatable = recent?.filter(({ at }) => now - at < RECENT_MS).slice(-MAX_RECENT);
  if (repeatable?.length) next.recent = repeatable.map((verdict) => ({ sequence, ...verdict }));
  return next;
}

/** Pending devices that waited too long are gone, and sheets that ended; of the revoked ones the last few are shown (oldest first in the list). */
function living(devices: DeviceState[], now: number): DeviceState[] {
  const alive = devices.filter((device) => !ends(device) || (device.expiresAt ?? 0) > now);
  const revoked = alive.filter(({ status }) => status === 'revoked');
  const forgotten = new Set(revoked.slice(0, Math.max(0, revoked.length - MAX_REVOKED)));
  return alive.filter((device) => !forgotten.has(device)).map((device) => withoutWhatEnded(device, now));
}

const ends = ({ type, status }: DeviceState): boolean => status === 'pending' || type === 'sheet';

function withoutOldDevice({ device, ...seen }: SeenOrigin, now: number): SeenOrigin {
  return device !== undefined && now - seen.at < ALTERNATION_MS ? { ...seen, device } : seen;
}

function withoutWhatEnded({ replay, next, ...device }: DeviceState, now: number): DeviceState {
  const lasting: DeviceState = device;
  if (replay !== undefined && replay.minute >= minuteOf(now)) lasting.replay = replay;
  if (next !== undefined && next.expiresAt > now) lasting.next = next;
  return lasting;
}
