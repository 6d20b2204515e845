import type { Fact, OfDevice } from './event-fact.js';
import type { Count, DeviceIdText, Sequence, UnixMs } from './units.js';

/** The events by which devices come to accounts, and their next keys. */

interface NewDeviceFact extends Fact, OfDevice {
  /** ledger sequence of the device's record: key reference and profile */
  record: Sequence;
  /** pending: it waits for its first code */
  status: 'pending' | 'active';
  /** it waits for any verification's first code */
  firstUse?: true;
  /** the device that it will replace once it is active */
  replaces?: DeviceIdText;
  /** the device that it replaced; that one is revoked */
  replaced?: DeviceIdText;
}

/** a device by exchange; waits for its first code */
export interface Enrolled extends NewDeviceFact {
  type: 'enrolled';
}

/** a device with a seed from elsewhere */
export interface Imported extends NewDeviceFact {
  type: 'imported';
}

/** a sheet of recovery codes was made, good at once */
export interface RecoveryIssued extends NewDeviceFact {
  type: 'recovery_issued';
  /** the sheet before it, revoked */
  replaced?: DeviceIdText;
}

/** a sheet of codes for somebody offline was made, good at once */
export interface SheetIssued extends NewDeviceFact {
  type: 'sheet_issued';
  /** on it */
  codes: Count;
  /** when they end */
  expiresAt: UnixMs;
}

/** a device's next key waits for its first code; the present one goes on working */
export interface Rekeying extends Fact, OfDevice {
  type: 'rekeying';
  /** the next key's */
  epoch: Count;
  /** ledger sequence of the next key's record */
  record: Sequence;
}

/** a session to pair a device by PIN; one before it ends */
export interface PairingOpened extends Fact {
  type: 'pairing_opened';
  /** the session's id */
  session: string;
  /** when the session ends */
  expiresAt: UnixMs;
}

/** somebody tries the PIN; written before it is known whether it is right */
export interface PairingTried extends Fact {
  type: 'pairing_tried';
  /** the session's id */
  session: string;
  /** after this one */
  triesLeft: Count;
}

/** both ends know the PIN; the session is over, and what follows makes the device, or nothing does */
export interface PairingConfirmed extends Fact {
  type: 'pairing_confirmed';
  /** the session's id */
  session: string;
}

/** an invitation to activate a device was made; its token can be used once. One made before does nothing any more */
export interface ActivationIssued extends Fact {
  type: 'activation_issued';
  /** when the token ends */
  expiresAt: UnixMs;
}

/** the token was brought and is spent: what follows makes this device, or nothing does */
export interface ActivationRedeemed extends Fact, OfDevice {
  type: 'activation_redeemed';
}

/** the token was brought again: two had it. Once a minute for each token */
export interface ActivationReused extends Fact, OfDevice {
  type: 'activation_reused';
  /** by the tenant's policy the first use ends: its device is disabled; while pending, revoked; not made yet, never made */
  disabled: boolean;
}
