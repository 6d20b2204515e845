import type { Countersign } from '@countersign/caller';
import type { FailureCode, KeyProfile, Profile } from '@countersign/contracts';
import type { Device } from '../../world/device.js';

/** One way in which somebody comes to share a key with the platform, as the suite uses it. A file each. */
export interface Way<Of extends Holder = Holder> {
  name: string;
  /** what the device's record says */
  record: string;
  /** who passes on what the device says */
  relay: 'desk' | 'ops' | 'gate';
  /** types of events on the account before the device's own, which is the last */
  events: string[];
  begins: 'pending' | 'active';
  /** What somebody at a desk does first. `account`: a name. */
  begin(account: string): Promise<Begun<Of>>;
}

/** A way for devices that show codes. */
export type Method = Way<Device>;

export interface Holder {
  accountId: string;
  id: string;
  profile: KeyProfile;
  key: Buffer;
}

/** An enrolment that waits for its device. */
export interface Begun<Of extends Holder = Device> {
  /** The device's part, up to a key that waits for its first code. Throws Failure. */
  finish(relay: Countersign): Promise<Of>;
  /** of what may be used once; absent: there is no such thing */
  once?: OneTime;
  /** what no event and no record may hold, by name, once it is finished: 8 bytes at least */
  secrets: Record<string, Uint8Array>;
}

export interface OneTime {
  /** how a use of what is spent, another tenant's or out of time is refused */
  refused: FailureCode;
  /** The message that decides, said so many times at once. */
  race(relay: Countersign, times: number): Promise<PromiseSettledResult<unknown>[]>;
}

/** HOTP, so that a device can show its next code at once. */
export const PROFILE: Profile = {
  ...{ type: 'hotp', algorithm: 'SHA256', digits: 8, stepSeconds: 30, t0Seconds: 0, counter: 0 },
};
