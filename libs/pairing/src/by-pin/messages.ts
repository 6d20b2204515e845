import type { EnrolmentAnswer } from '../answered.js';
import type { PairedProfile } from '../transcript.js';

// What crosses between device and platform. Every field of it is bound: one that is changed on the way ends the pairing.
// Sizes are of the bytes; they travel as base64url without padding.

/** device → platform, first */
export interface ShareRequest {
  /** 16 characters, from the invitation */
  session: string;
  /** SPAKE2+'s shareP, 65 bytes */
  share: string;
  /** the device's ephemeral point of the exchange, 65 bytes: what the HSM will wrap the key to */
  point: string;
}

/** platform → device */
export interface ShareReply {
  /** SPAKE2+'s shareV, 65 bytes */
  share: string;
  /** confirmV, 32 bytes: the platform knows the PIN, and means the same by all of it */
  confirm: string;
  /** how the device will make its codes */
  profile: PairedProfile;
}

/** device → platform */
export interface ConfirmRequest {
  session: string;
  /** confirmP, 32 bytes: the device knows the PIN, and means the same by all of it */
  confirm: string;
}

/** platform → device: the HSM's signed answer, as every enrolment has it, sealed for this pairing */
export interface ProvisionReply extends EnrolmentAnswer {
  /** 32 bytes */
  seal: string;
}
