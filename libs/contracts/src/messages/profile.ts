import { OneOf, Optional, Whole } from './fields.js';
import type { Count, Seconds, UnixSeconds } from './units.js';

export const DEVICE_TYPES = ['totp', 'hotp'] as const;
export type DeviceType = (typeof DEVICE_TYPES)[number];
export const ALGORITHMS = ['SHA1', 'SHA256', 'SHA512'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];
/** bytes of a derived key: the length of the hash (RFC 4226 section 4, RFC 6238 section 3) */
export const KEY_LENGTH: Record<Algorithm, number> = { SHA1: 20, SHA256: 32, SHA512: 64 };

/** Years 1200 BC to 2100: T0 may lie before 1970, so that any time's codes can be had now. */
export const T0_RANGE = [-100_000_000_000, 4_102_444_800] as const;

export const MAX_COUNTER = Number.MAX_SAFE_INTEGER - 1024; // leaves room for a look-ahead in exact arithmetic

/** How a device makes its codes. Complete: every value that the other end must agree on. */
export interface Profile {
  type: DeviceType;
  algorithm: Algorithm;
  /** of a code */
  digits: Count;
  /** TOTP: length of a time step */
  stepSeconds: Seconds;
  /** TOTP: Unix time of step 0 (RFC 6238 section 4.1, T0) */
  t0Seconds: UnixSeconds;
  /** HOTP: the first counter to be used */
  counter: Count;
}

/** The fields of a request that choose a profile; what is left out gets what ordinary authenticator apps assume. */
export class ProfileFields {
  /** TOTP: codes by time (RFC 6238); HOTP: codes by counter (RFC 4226) */
  @OneOf(DEVICE_TYPES)
  type!: DeviceType;

  /** of the HMAC; without it SHA1 */
  @Optional()
  @OneOf(ALGORITHMS)
  algorithm?: Algorithm;

  /** of a code; without it 6 */
  @Optional()
  @Whole(6, 8)
  digits?: Count;

  /** TOTP: length of a time step; without it 30 */
  @Optional()
  @Whole(10, 300)
  stepSeconds?: Seconds;

  /** TOTP: Unix time of step 0 (RFC 6238 section 4.1, T0); without it 0 */
  @Optional()
  @Whole(...T0_RANGE)
  t0Seconds?: UnixSeconds;

  /** HOTP: the first counter to be used; without it 0 */
  @Optional()
  @Whole(0, MAX_COUNTER)
  counter?: Count;
}

export function profileOf(fields: ProfileFields): Profile {
  return {
    type: fields.type,
    algorithm: fields.algorithm ?? 'SHA1',
    digits: fields.digits ?? 6,
    stepSeconds: fields.stepSeconds ?? 30,
    t0Seconds: fields.t0Seconds ?? 0,
    counter: fields.counter ?? 0,
  };
}
