import { DEFAULT_POLICY, MAX_COUNTER, type DeviceType, type Policy, type Profile } from '@countersign/contracts';
import type { DeviceState } from './state.js';

const LOOK_BEHIND = 3; // far enough to tell a replayed code from a wrong one

/** Codes that one guess could hit on an account, over all devices judged without being named. */
export const MAX_GUESS_WIDTH = 32;

/** How many codes of a device could be accepted at one moment. */
export const guessWidth = (type: DeviceType, policy: Policy = DEFAULT_POLICY): number =>
  type === 'hotp' ? policy.hotpLookAhead : policy.totpStepsBefore + 1 + policy.totpStepsAfter;

/** Counters to be looked at: [from, from + count). Those from `floor` to `last` may be accepted. */
export interface Window {
  from: number;
  count: number;
  floor: number;
  last: number;
}

export function windowOf(device: DeviceState, profile: Profile, now: number, policy: Policy = DEFAULT_POLICY): Window {
  if (profile.type === 'hotp') {
    const last = Math.min(device.floor + policy.hotpLookAhead - 1, MAX_COUNTER); // beyond it a device is used up
    return span(device.floor - LOOK_BEHIND, device.floor, last);
  }
  const step = Math.floor((now / 1000 - profile.t0Seconds) / profile.stepSeconds);
  const earliest = step - policy.totpStepsBefore;
  return span(earliest - LOOK_BEHIND, Math.max(device.floor, earliest), step + policy.totpStepsAfter);
}

function span(from: number, floor: number, last: number): Window {
  const first = Math.max(0, from);
  return { from: first, count: Math.max(1, last - first + 1), floor: Math.max(0, floor), last };
}
