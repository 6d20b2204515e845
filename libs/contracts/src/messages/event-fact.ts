import type { Base64url, Count, DeviceIdText, Sequence, UnixMs } from './units.js';

/** What every event says: when it was decided and which caller asked for it. */
export interface Fact {
  /** when it was decided */
  at: UnixMs;
  /** the caller that asked */
  by: string;
}

export interface OfDevice {
  /** the device's id */
  device: DeviceIdText;
}

/** What was asked when a code was judged. */
export interface JudgedFact extends Fact {
  verb: 'verify' | 'device.confirm' | 'rekey.confirm' | 'resync' | 'recover' | 'sheet.verify' | 'challenge.verify';
  /** a digest of the origin that the caller stated; differs from account to account */
  origin?: Base64url;
  /** the device that the request named */
  named?: DeviceIdText;
  /** rekey.confirm: the epoch of the key that was to show the code */
  epoch?: Count;
  /** the version of the tenant's policy that it was judged by; absent: the defaults */
  policyVersion?: Sequence;
}

export interface ClosedBudget {
  /** that of origins accepted before, or that of all others */
  budget: 'known' | 'unknown';
  /** when it opens by itself; operator: never */
  until: UnixMs | 'operator';
}
