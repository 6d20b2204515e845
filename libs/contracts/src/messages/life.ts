import { AccountIdField, AccountName, Bytes, Code, DeviceIdField, Epoch, Optional, RequestId } from './fields.js';
import type { ExchangeReply } from './enrollment.js';
import { POINT_BYTES } from './keys.js';
import type { DeviceStatus } from './profile.js';
import type { AccountIdText, Base64url, Count, DeviceIdText, Sequence, UnixMs } from './units.js';

/** `rekey.begin`: a device asks for its next key, and proves the present one. */
export class BeginRekeyRequest {
  /** the account's id */
  @AccountIdField()
  id!: string;

  @DeviceIdField()
  device!: string;

  /** the device's ephemeral P-256 point, uncompressed: 65 bytes beginning 04 */
  @Bytes(POINT_BYTES)
  point!: string;

  /** HMAC by the present key, with the profile's hash, whole: docs/protocol/rekey.md */
  @Bytes(20, 64)
  proof!: string;
}

/** The next key, as an exchange hands it out; `epoch` is one more than the present key's. */
export interface BeginRekeyReply extends ExchangeReply {
  /** HMAC by the present key over this answer: it comes from the HSM that has it */
  seal: Base64url;
}

/** `rekey.confirm`: the first code of the next key; accepted, only that key works. */
export class ConfirmRekeyRequest {
  /** the account's id */
  @AccountIdField()
  id!: string;

  @DeviceIdField()
  device!: string;

  /** the next key's */
  @Epoch()
  epoch!: Count;

  @Code()
  code!: string;

  @Optional()
  @RequestId()
  requestId?: string;
}

/** `device.attest`: how a device stands, signed for whoever drew the challenge. */
export class AttestRequest {
  /** the account's id */
  @AccountIdField()
  id!: string;

  @DeviceIdField()
  device!: string;

  /** 32 bytes, drawn for this question */
  @Bytes(32)
  challenge!: string;
}

export interface AttestReply {
  /** the asker's */
  tenant: string;
  account: AccountIdText;
  device: DeviceIdText;
  /** of the key that works now */
  epoch: Count;
  status: DeviceStatus;
  /** when it was so */
  at: UnixMs;
  /** Ed25519 by the identity key over all of the above and the challenge: docs/protocol/rekey.md */
  signature: Base64url;
  /** its key has served as long as the tenant's policy lets it; not signed: a hint */
  rekeyDue?: true;
}

/** `device.replace`: a device with the profile of another, which is revoked when the new one is confirmed. */
export class ReplaceRequest {
  @AccountName()
  account!: string;

  /** the one that is lost or worn out */
  @DeviceIdField()
  device!: string;

  /** the new device's ephemeral P-256 point, uncompressed: 65 bytes beginning 04 */
  @Bytes(POINT_BYTES)
  point!: string;
}

/** `account.erase`: forgets whose account it was. */
export class EraseRequest {
  @AccountName()
  account!: string;
}

export interface EraseReply {
  /** the erased account's id: its history stays under it */
  id: AccountIdText;
  sequence: Sequence;
}
