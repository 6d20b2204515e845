import type { ExchangeReply } from './enrollment.js';
import { AccountIdField, Bytes, SessionField } from './fields.js';
import { POINT_BYTES } from './keys.js';
import { NewDeviceRequest } from './new-device.js';
import type { Profile } from './profile.js';
import type { Base64url, Count, Sequence, UnixMs } from './units.js';

/** What SPAKE2+ confirms with: HMAC-SHA-256 (RFC 9383 section 3.4). */
const CONFIRMATION_BYTES = 32;

/** `pair.open`: a session in which one device pairs by PIN. One that was open before ends. */
export class OpenPairingRequest extends NewDeviceRequest {}

export interface OpenPairingReply {
  /** 16 characters; in the invitation, too */
  session: string;
  /** the replica that holds the session: the last token of `pair.share` and `pair.confirm` */
  at: string;
  /** to be shown beside the invitation, never in it; it is kept nowhere */
  pin: string;
  /** the text of the QR code or link; nothing of it is secret */
  invitation: string;
  triesLeft: Count;
  /** when the session ends */
  expiresAt: UnixMs;
  sequence: Sequence;
}

/** `pair.share`: a device's first message, one try. */
export class SharePairingRequest {
  /** the account's id, as the invitation says it */
  @AccountIdField()
  id!: string;

  /** the invitation's */
  @SessionField()
  session!: string;

  /** shareP of SPAKE2+ (RFC 9383): a P-256 point, uncompressed */
  @Bytes(POINT_BYTES)
  share!: string;

  /** the device's ephemeral P-256 point, uncompressed: what the HSM will wrap the key to */
  @Bytes(POINT_BYTES)
  point!: string;
}

export interface SharePairingReply {
  /** shareV of SPAKE2+, a P-256 point, uncompressed */
  share: Base64url;
  /** confirmV, 32 bytes: the platform knows the PIN, and means the same by all of it */
  confirm: Base64url;
  /** how the device will make its codes */
  profile: Profile;
  /** tries that are left after this one */
  triesLeft: Count;
}

/** `pair.confirm`: the device's proof that it knows the PIN, of its last share. */
export class ConfirmPairingRequest {
  /** the account's id, as the invitation says it */
  @AccountIdField()
  id!: string;

  /** the invitation's */
  @SessionField()
  session!: string;

  /** confirmP of SPAKE2+ */
  @Bytes(CONFIRMATION_BYTES)
  confirm!: string;
}

/** The HSM's answer as in every exchange, sealed for this pairing. */
export interface ConfirmPairingReply extends ExchangeReply {
  /** 32 bytes: the answer comes from the end that knew the PIN */
  seal: Base64url;
}
