import type { DeviceIdText, UnixMs } from './units.js';

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
