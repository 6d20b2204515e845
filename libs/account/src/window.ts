import {
  DEFAULT_POLICY,
  MAX_COUNTER,
  MAX_RANGE,
  MAX_SHEET_CODES,
  RECOVERY_CODES,
  ocraProfile,
  type KeyProfile,
  type KeyType,
  type OcraProfile,
  type Policy,
  type Profile,
} from '@countersign/contracts';
import { codesOn, isSheet } from './codes.js';
import type { DeviceState } from './state.js';

export const LOOK_BEHIND = 3; // far enough to tell a replayed code from a wrong one

/** Codes that one guess could hit on an account, over all devices judged without being named. */
export const MAX_GUESS_WIDTH = 32;

/** How many codes of a device could be accepted at one moment. */
export function guessWidth(type: KeyType, policy: Policy = DEFAULT_POLICY): number {
  if (type === 'recovery') return RECOVERY_CODES;
  if (type === 'sheet') return MAX_SHEET_CODES;
  if (type === 'ocra') return Math.max(policy.hotpLookAhead, policy.totpStepsBefore + 1 + policy.totpStepsAfter);
  if (type === 'totp') return policy.totpStepsBefore + 1 + policy.totpStepsAfter;
  return policy.hotpLookAhead + (policy.autoResync ? 1 : 0); // the one after a code that was ahead
}

/** Counters to be looked at: [from, from + count). Those from `floor` to `last` may be accepted. */
export interface Window {
  from: number;
  count: number;
  floor: number;
  last: number;
  /** what lies beyond `last` is looked at so that the code after it can be accepted */
  ahead?: true;
}

/** All codes of a sheet, always: which ones are spent is looked at afterwards. */
function sheetWindow(device: DeviceState): Window {
  const count = codesOn(device);
  return { from: 0, count, floor: 0, last: count - 1 };
}

export function windowOf(
  device: DeviceState,
  profile: KeyProfile,
  now: number,
  policy: Policy = DEFAULT_POLICY,
): Window {
  if (isSheet(profile)) return sheetWindow(device);
  if (profile.type === 'ocra') return ocraWindow(device, profile, now, policy);
  if (profile.type === 'hotp') {
    const last = Math.min(device.floor + policy.hotpLookAhead - 1, MAX_COUNTER); // beyond it a device is used up
    const window = span(device.floor - LOOK_BEHIND, device.floor, last);
    if (!policy.autoResync) return window;
    return { ...window, count: Math.min(MAX_RANGE, MAX_COUNTER - window.from + 1), ahead: true };
  }
  const step = stepAt(profile, now) + within(policy.totpDriftSteps, device.drift ?? 0);
  const earliest = step - policy.totpStepsBefore;
  return span(earliest - LOOK_BEHIND, Math.max(device.floor, earliest), step + policy.totpStepsAfter);
}

/**
 * A response is to one question, which is asked once: nothing is behind, and no time step is spent by it. Only a counter
 * moves.
 */
function ocraWindow({ floor }: DeviceState, profile: Profile, now: number, policy: Policy): Window {
  const { counted, stepSeconds } = suiteOf(profile);
  if (counted) return span(floor, floor, Math.min(floor + policy.hotpLookAhead - 1, MAX_COUNTER));
  if (stepSeconds === undefined) return span(0, 0, 0);
  const step = stepAt(profile, now);
  return span(step - policy.totpStepsBefore, 0, step + policy.totpStepsAfter);
}

function suiteOf({ suite }: Profile): OcraProfile {
  if (suite === undefined) throw new Error('an OCRA device has no suite');
  return ocraProfile(suite);
}

/** The lowest counter that may be accepted after this one. */
export function floorAfter(counter: number, { floor }: DeviceState, profile: KeyProfile): number {
  return profile.type === 'ocra' && !suiteOf(profile).counted ? floor : counter + 1;
}

/** Where two codes in a row are looked for: never behind what was spent. The later one of a pair counts. */
export function pairWindow({ floor }: DeviceState, { resyncWindow }: Policy): Window {
  const count = Math.max(1, Math.min(resyncWindow, MAX_COUNTER - floor));
  return { from: floor, count, floor: Math.min(floor, MAX_COUNTER) + 1, last: Math.min(floor + count, MAX_COUNTER) };
}

/** How far a TOTP device's clock is ahead, in steps, as its accepted code shows it and the policy lets it be learned. */
export function driftOf(counter: number, profile: KeyProfile, now: number, { totpDriftSteps }: Policy): number {
  return profile.type === 'totp' ? within(totpDriftSteps, counter - stepAt(profile, now)) : 0;
}

const stepAt = ({ t0Seconds, stepSeconds }: KeyProfile, now: number): number =>
  Math.floor((now / 1000 - t0Seconds) / stepSeconds);

const within = (most: number, steps: number): number => Math.max(-most, Math.min(most, steps));

function span(from: number, floor: number, last: number): Window {
  const first = Math.max(0, from);
  return { from: first, count: Math.max(1, last - first + 1), floor: Math.max(0, floor), last };
}
