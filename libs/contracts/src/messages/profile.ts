import { OneOf, Optional, Whole } from './fields.js';
import { OcraSuiteField, PlatformSuiteField, profileOfSuite } from './ocra.js';
import type { Count, Seconds, UnixSeconds } from './units.js';

/** what shows codes by itself */
export const CODE_TYPES = ['totp', 'hotp'] as const;
export type CodeType = (typeof CODE_TYPES)[number];
/** ocra: it answers questions (RFC 6287) */
export const DEVICE_TYPES = [...CODE_TYPES, 'ocra'] as const;
export type DeviceType = (typeof DEVICE_TYPES)[number];
/** Whose keys are handed over, wrapped. recovery: a sheet of codes, each good once, for the day on which a phone is lost */
export const WRAPPED_TYPES = [...DEVICE_TYPES, 'recovery'] as const;
/** What an account's devices may be. sheet: codes for somebody offline, each good once; its key never leaves the HSM */
export const KEY_TYPES = [...WRAPPED_TYPES, 'sheet'] as const;
export type WrappedType = (typeof WRAPPED_TYPES)[number];
export type KeyType = (typeof KEY_TYPES)[number];
/** pending: it waits for its first code. disabled: not accepted until enabled. revoked: never again */
export const DEVICE_STATUSES = ['pending', 'active', 'disabled', 'revoked'] as const;
export type DeviceStatus = (typeof DEVICE_STATUSES)[number];
export const ALGORITHMS = ['SHA1', 'SHA256', 'SHA512'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];
/** bytes of a derived key: the length of the hash (RFC 4226 section 4, RFC 6238 section 3) */
export const KEY_LENGTH: Record<Algorithm, number> = { SHA1: 20, SHA256: 32, SHA512: 64 };

/** Years 1200 BC to 2100: T0 may lie before 1970, so that any time's codes can be had now. */
export const T0_RANGE = [-100_000_000_000, 4_102_444_800] as const;

export const MAX_COUNTER = Number.MAX_SAFE_INTEGER - 1024; // leaves room for a look-ahead in exact arithmetic

interface MadeCodes {
  algorithm: Algorithm;
  /** of a code */
  digits: Count;
  /** TOTP: length of a time step */
  stepSeconds: Seconds;
  /** TOTP: Unix time of step 0 (RFC 6238 section 4.1, T0) */
  t0Seconds: UnixSeconds;
  /** HOTP, and OCRA by counter: the first counter to be used */
  counter: Count;
}

/** How a device makes its codes. Complete: every value that the other end must agree on. */
export interface Profile extends MadeCodes {
  type: DeviceType;
  /** OCRA: how the device makes its responses (RFC 6287 section 6) */
  suite?: string;
  /** OCRA: how the platform makes its own, by which the device knows it (RFC 6287 section 7.2) */
  platformSuite?: string;
}

/** How the codes of a recovery sheet are made: everywhere the same. */
export interface RecoveryProfile extends MadeCodes {
  type: 'recovery';
}

/** How the codes of a sheet for somebody offline are made: everywhere the same. */
export interface SheetProfile extends MadeCodes {
  type: 'sheet';
}

/** Of a key that is handed over, wrapped. */
export type WrappedProfile = Profile | RecoveryProfile;
export type KeyProfile = WrappedProfile | SheetProfile;

/** on one sheet */
export const RECOVERY_CODES = 10;
/** on one sheet for somebody offline, at most */
export const MAX_SHEET_CODES = 100;
/** of Crockford's base32: 50 bits */
export const RECOVERY_CODE_LENGTH = 10;
const SHEET_CODES: MadeCodes = {
  ...{ algorithm: 'SHA256', digits: RECOVERY_CODE_LENGTH },
  ...{ stepSeconds: 30, t0Seconds: 0, counter: 0 }, // not used; a part of the transcript as every field is
};
export const RECOVERY_PROFILE: RecoveryProfile = { type: 'recovery', ...SHEET_CODES };
export const SHEET_PROFILE: SheetProfile = { type: 'sheet', ...SHEET_CODES };

/** The fields of a request that choose a profile; what is left out gets what ordinary authenticator apps assume. */
export class ProfileFields {
  /** TOTP: codes by time (RFC 6238); HOTP: codes by counter (RFC 4226); OCRA: answers to questions (RFC 6287) */
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

  /** HOTP, and OCRA by counter: the first counter to be used; without it 0 */
  @Optional()
  @Whole(0, MAX_COUNTER)
  counter?: Count;

  /** OCRA: how the device makes its responses; says the hash, the digits and the time step, which are left out */
  @Optional()
  @OcraSuiteField()
  suite?: string;

  /**
   * OCRA: how the platform makes its own responses, for a device that asks back: another suite than the device's, of the
   * same hash and question and of nothing else
   */
  @Optional()
  @PlatformSuiteField()
  platformSuite?: string;
}

/** Throws INVALID_ARGUMENT where the suites do not fit the type, or one another. */
export function profileOf(fields: ProfileFields): Profile {
  const suites = profileOfSuite(fields);
  return {
    type: fields.type,
    algorithm: fields.algorithm ?? 'SHA1',
    digits: fields.digits ?? 6,
    stepSeconds: fields.stepSeconds ?? 30,
    t0Seconds: fields.t0Seconds ?? 0,
    counter: fields.counter ?? 0,
    ...suites,
  };
}
