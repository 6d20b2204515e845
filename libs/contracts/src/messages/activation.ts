import { AccountIdField, Bytes } from './fields.js';
import { POINT_BYTES } from './keys.js';
import { NewDeviceRequest } from './new-device.js';
import type { Sequence, UnixMs } from './units.js';

/** 128 random bits: nobody finds one by trying */
export const ACTIVATION_TOKEN_BYTES = 16;

/** `activation.issue`: an invitation that lets one device enrol itself, once. */
export class IssueActivationRequest extends NewDeviceRequest {}

export interface IssueActivationReply {
  /** the text of the QR code or link; it holds the token, so show it to the account's owner alone */
  invitation: string;
  /** when its token ends */
  expiresAt: UnixMs;
  sequence: Sequence;
}

/** `activation.redeem`: what a device sends that read an invitation. */
export class RedeemActivationRequest {
  /** the account's id, as the invitation says it */
  @AccountIdField()
  id!: string;

  /** the invitation's */
  @Bytes(ACTIVATION_TOKEN_BYTES)
  token!: string;

  /** the device's ephemeral P-256 point, uncompressed: 65 bytes beginning 04 */
  @Bytes(POINT_BYTES)
  point!: string;
}
