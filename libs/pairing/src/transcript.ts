import { createHash } from 'node:crypto';
import { transcriptBytes } from './transcript-bytes.js';

/** How the device will make its codes; both ends must mean the same. Fields that a type does not use count too. */
export interface PairedProfile {
  type: 'totp' | 'hotp' | 'ocra';
  algorithm: 'SHA1' | 'SHA256' | 'SHA512';
  digits: number;
  stepSeconds: number;
  t0Seconds: number;
  counter: number;
  /** OCRA: the device's suite, and the platform's where it has one */
  suite?: string;
  platformSuite?: string;
}

/** A sheet of recovery codes instead of a device. */
export interface PairedSheet extends Omit<PairedProfile, 'type'> {
  type: 'recovery';
}

/** Whose key it is and how it is used: everything the exchange binds, besides the two points. */
export interface PairedParameters {
  tenant: string;
  account: string;
  device: string;
  epoch: number;
  profile: PairedProfile | PairedSheet;
}

/** enrol: the HSM makes the key, the device receives it. import: a client hands a seed to the HSM. */
export type Purpose = 'enrol' | 'import';

/**
 * SHA-256 of everything the exchange is about, in its one canonical form. `clientPoint` is the asking end's ephemeral
 * point, `hsmPoint` the HSM's (ephemeral for enrol, the static import key for import); both already checked.
 */
export function transcriptHash(
  purpose: Purpose,
  parameters: PairedParameters,
  clientPoint: Uint8Array,
  hsmPoint: Uint8Array,
): Buffer {
  return createHash('sha256')
    .update(transcriptBytes(purpose, parameters, clientPoint, hsmPoint))
    .digest();
}
