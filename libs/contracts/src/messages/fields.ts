import type { ValidationOptions } from 'class-validator';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  Length,
  Matches,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from '../class-validator.js';
import { ACCOUNT_ID_PATTERN, CHALLENGE_PATTERN, DEVICE_ID_PATTERN, SESSION_PATTERN, TENANT_PATTERN } from '../names.js';
import type { Constructor, NestedContext } from '../validation-plan.js';

/** Property decorators that messages share, each with the text a sender reads when the field is wrong. */
type Field = PropertyDecorator;
const all =
  (...fields: Field[]): Field =>
  (target, key) => {
    for (const field of fields.toReversed()) field(target, key); // as decorators above one another register
  };

/** The field may be left out. `null` is a value, and a wrong one: it would mean something else in each language. */
export const Optional = (): Field => ValidateIf((_message, value) => value !== undefined);

/** An account's name: what people and backends call it. Canonicalised (NFKC, case by tenant) by the directory. */
export const MAX_NAME_LENGTH = 256;
const NAME = /^[^\p{Cc}\p{Cs}]+$/u;
const NAME_RULE = { message: '1 to 256 characters without control characters' };
export const AccountName = (options: ValidationOptions = {}): Field =>
  all(Length(1, MAX_NAME_LENGTH, { ...NAME_RULE, ...options }), Matches(NAME, { ...NAME_RULE, ...options }));

/** A code is exactly its ASCII digits; nothing is trimmed (blanks, other scripts' digits are wrong). */
export const Code = (): Field => Matches(/^[0-9]{6,10}$/, { message: '6 to 10 ASCII digits and nothing else' });

/** As people type a code of a sheet: either case, blanks and dashes anywhere, o for 0 and i or l for 1. Never a u. */
const TYPED = /^(?=.{10,40}$)(?:[ -]*[0-9A-TV-Za-tv-z]){10}[ -]*$/;
export const SheetCode = (): Field => Matches(TYPED, { message: '10 letters and digits of a sheet, never u' });

/** Whoever something is sealed to: of the platform (`delivery`), or of one tenant (`acme/app`). */
export const RecipientField = (): Field =>
  Matches(/^[a-z0-9][a-z0-9-]{0,31}(?:\/[a-z0-9][a-z0-9-]{0,31})?$/, { message: 'the name of a pinned recipient' });

export const RequestId = (): Field =>
  Matches(/^[\x21-\x7e]{1,64}$/, { message: '1 to 64 visible ASCII characters, new for each attempt' });
export const Origin = (): Field =>
  Matches(/^[\x21-\x7e]{1,128}$/, { message: "1 to 128 visible ASCII characters, e.g. a device cookie's hash" });

export const TenantName = (): Field => Matches(TENANT_PATTERN, { message: 'a tenant: a-z, 0-9, -, at most 32' });
export const AccountIdField = (): Field =>
  Matches(ACCOUNT_ID_PATTERN, { message: "an account's id: 20 characters of lower-case base32" });
export const SessionField = (): Field =>
  Matches(SESSION_PATTERN, { message: "a session's id: 16 characters of lower-case base32" });
export const ChallengeIdField = (): Field =>
  Matches(CHALLENGE_PATTERN, { message: "a challenge's id: 16 characters of lower-case base32" });
export const DeviceIdField = (): Field =>
  Matches(DEVICE_ID_PATTERN, { message: "a device's id: 12 characters of lower-case base32" });

/** Text that is shown to people, in one line: no control characters, and none that turn the writing round. */
export const VisibleLine = (max: number): Field =>
  Matches(new RegExp(`^[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Bidi_C}]{1,${max}}$`, 'u'), {
    message: `1 to ${max} characters in one line, without control characters`,
  });

export const Whole = (min: number, max: number): Field => {
  const message = `a whole number from ${min} to ${max}`;
  return all(IsInt({ message }), Min(min, { message }), Max(max, { message }));
};
const MAX_EPOCH = 1_000_000;
/** The version of a device's key. */
export const Epoch = (): Field => Whole(1, MAX_EPOCH);
export const OneOf = (values: readonly (string | number | boolean)[]): Field =>
  IsIn([...values], { message: `one of ${values.join(', ')}` });

const BASE64URL = '(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?'; // unused bits are 0: one spelling
/** base64url without padding of `min` to `max` bytes (RFC 4648 section 5). */
export const Bytes = (min: number, max = min): Field => {
  const least = Math.ceil((min * 4) / 3);
  const most = Math.ceil((max * 4) / 3);
  const size = min === max ? `${min}` : `${min} to ${max}`;
  return Matches(new RegExp(`^(?=.{${least},${most}}$)${BASE64URL}$`), {
    message: `${size} bytes as base64url without padding`,
  });
};

export const ListOf = (min: number, max: number): Field =>
  all(
    IsArray({ message: `a list of ${min} to ${max}` }),
    ArrayMinSize(min, { message: `at least ${min}` }),
    ArrayMaxSize(max, { message: `at most ${max}` }),
  );

const nestedAs = (context: NestedContext): Field => ValidateNested({ context });
/** Another message inside this one. */
export const Nested = (nestedType: () => Constructor): Field => nestedAs({ nestedType, list: false });
/** A list of `min` to `max` messages. */
export const NestedList = (nestedType: () => Constructor, min: number, max: number): Field =>
  all(ListOf(min, max), nestedAs({ nestedType, list: true }));
