import { canonicalBytes, profileFields } from '@countersign/pairing/portable';
import type { PairedProfile } from '@countersign/pairing/portable';

/** Which key this is, and how it makes codes. */
export interface DeviceDescription {
  tenant: string;
  /** the account's id; of a device from an otpauth URI, which names no id, the label */
  account: string;
  device: string;
  epoch: number;
  profile: PairedProfile;
  /** the platform's identity key (Ed25519, base64url), pinned at enrolment; a device from an otpauth URI has none */
  identity?: string;
}

/** Everything of the description, in one form: sealed with the key, so that neither changes without the other. */
export function describe(domain: string, description: DeviceDescription): Uint8Array {
  const { tenant, account, device, epoch, profile, identity = '' } = description;
  return canonicalBytes(domain, [tenant, account, device, epoch, ...profileFields(profile), identity]);
}
