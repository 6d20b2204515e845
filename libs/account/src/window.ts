import { MAX_COUNTER, type DeviceType, type Profile } from '@countersign/contracts';
import type { DeviceState } from './state.js';

const HOTP_LOOK_AHEAD = 10; // RFC 4226 section 7.4: small, since every further code helps a guesser
const TOTP_STEPS_BEFORE = 1; // RFC 6238 section 5.2: one step of delay
const TOTP_STEPS_AFTER = 1; // a device's clock that is a little fast
const LOOK_BEHIND = 3; // far enough to tell a replayed code from a wrong one

/** Codes that one guess could hit on an account, over all devices judged without being named. */
export const MAX_GUESS_WIDTH = 32;

/** How many codes of a device could be accepted at one moment. */
export const guessWidth = (type: DeviceType): number =>
  type === 'hotp' ? HOTP_LOOK_AHEAD : TOTP_STEPS_BEFORE + 1 + TOTP_STEPS_AFTER;

/** Counters to be looked at: [from, from + count). Those from `floor` to `last` may be accepted. */
export interface Window {
  from: number;
  count: number;
  floor: number;
  last: number;
}

export function windowOf(device: DeviceState, profile: Profile, now: number): Window {
  if (profile.type === 'hotp') {
    const last = Math.min(device.floor + HOTP_LOOK_AHEAD - 1, MAX_COUNTER); // beyond it a device is used up
    return span(device.floor - LOOK_BEHIND, device.floor, last);
  }
  const step = Math.floor((now / 1000 - profile.t0Seconds) / profile.stepSeconds);
  const earliest = step - TOTP_STEPS_BEFORE;
  return span(earliest - LOOK_BEHIND, Math.max(device.floor, earliest), step + TOTP_STEPS_AFTER);
}

function span(from: number, floor: number, last: number): Window {
  const first = Math.max(0, from);
  return { from: first, count: Math.max(1, last - first + 1), floor: Math.max(0, floor), last };
}
