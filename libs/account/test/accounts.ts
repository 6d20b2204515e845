import {
  RECOVERY_PROFILE,
  SHEET_PROFILE,
  type DeviceId,
  type KeyProfile,
  type KeyType,
  type Profile,
  type Verdict,
} from '@countersign/contracts';
import { judge, newAccount } from '../src/index.js';
import type {
  AccountEvent,
  AccountState,
  Attempt,
  Candidate,
  Decision,
  DeviceMatch,
  DeviceState,
  Profiles,
  Rules,
  Standing,
} from '../src/index.js';

/** Accounts, attempts and a stand-in for the key service, for the specs of this package. */

/** 2023-11-14T22:13:20Z: 20 seconds into its 30-second step and its minute. */
export const NOW = 1_700_000_000_000;
/** The TOTP step of 30 s that NOW lies in. */
export const STEP = 56_666_666;
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const DAY = 24 * 60 * MINUTE;

export const PHONE = 'phone0000000' as DeviceId;
export const TOKEN = 'token0000000' as DeviceId;

export const device = (id: DeviceId, type: KeyType, rest: Partial<DeviceState> = {}): DeviceState => ({
  id,
  type,
  status: 'active',
  epoch: 1,
  record: 2,
  floor: 0,
  ...rest,
});
export const phone = (rest: Partial<DeviceState> = {}): DeviceState => device(PHONE, 'totp', rest);
export const token = (rest: Partial<DeviceState> = {}): DeviceState => device(TOKEN, 'hotp', { floor: 5, ...rest });

export const account = (devices: DeviceState[], rest: Partial<AccountState> = {}): AccountState => ({
  ...newAccount(),
  devices,
  ...rest,
});
export const standing = (state: AccountState, sequence = 7): Standing => ({ state: frozenDeep(state), sequence });

export const profile = (type: Profile['type'], rest: Partial<Profile> = {}): Profile => ({
  type,
  algorithm: 'SHA1',
  digits: 6,
  stepSeconds: 30,
  t0Seconds: 0,
  counter: 0,
  ...rest,
});
export const profilesOf = ({ devices }: AccountState): Profiles =>
  new Map(devices.map(({ id, type }): [DeviceId, KeyProfile] => [id, profileOfType(type)]));

function profileOfType(type: KeyType): KeyProfile {
  if (type === 'recovery') return RECOVERY_PROFILE;
  return type === 'sheet' ? SHEET_PROFILE : profile(type);
}

export const attempt = (rest: Partial<Attempt> = {}): Attempt => ({ verb: 'verify', by: 'web', ...rest });

/** The counters that a typed code belongs to; a wrong code belongs to none. */
/** `epoch`: of the key that makes it; left out: the first. */
export type Typed = { device: DeviceId; counter: number; epoch?: number }[];
export const shows = (id: DeviceId, counter: number, epoch = 1): Typed => [{ device: id, counter, epoch }];
export const WRONG: Typed = [];

/**
 * What an honest key service answers: one counter a device, of those in the range that it was asked about. A spent one
 * before one that can be accepted, that before another, and of each the lowest.
 */
export const matched = (candidates: Candidate[], typed: Typed): DeviceMatch[] =>
  candidates.flatMap(({ device: { id, floor: spent, epoch: key }, from, count, floor }) => {
    const mine = typed.filter(({ device, epoch = 1 }) => device === id && epoch === key);
    const inRange = mine.filter(({ counter }) => counter >= from && counter < from + count);
    const rising = inRange.toSorted((one, other) => one.counter - other.counter);
    const told =
      rising.find(({ counter }) => counter < spent) ?? rising.find(({ counter }) => counter >= floor) ?? rising[0];
    return told === undefined ? [] : [{ device: id, counter: told.counter, receipt: 'r'.repeat(43) }];
  });

/** Judges as verification does: asks the key service where judge says so. */
export function decide(at: Standing, question: Attempt, now: number, typed: Typed, rules?: Rules): Decision {
  const profiles = profilesOf(at.state);
  const first = judge(at, question, profiles, now, undefined, rules);
  return first.kind === 'ask' ? judge(at, question, profiles, now, matched(first.candidates, typed), rules) : first;
}

export interface Told {
  verdict: Verdict;
  event?: AccountEvent;
  /** as it is after what was appended, if anything was */
  next: Standing;
}

/** Decides and, where something is to be appended, appends it as the next sequence. */
export function told(at: Standing, question: Attempt, now: number, typed: Typed, rules?: Rules): Told {
  const decision = decide(at, question, now, typed, rules);
  switch (decision.kind) {
    case 'answer':
      return { verdict: decision.verdict, next: at };
    case 'append': {
      const sequence = at.sequence + 1;
      const next = standing(stored(decision.event).state, sequence);
      return { verdict: decision.answer(sequence), event: decision.event, next };
    }
    default:
      throw new Error(`no verdict but ${decision.kind}`);
  }
}

/** Through the ledger and back. */
export const stored = <T>(event: T): T => JSON.parse(JSON.stringify(event)) as T;

/** Nothing that is judged may be changed in place. */
function frozenDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(frozenDeep);
  return Object.freeze(value);
}
