import { IsArray, IsInt, IsOptional, Length, Matches, Max, Min, IsIn, type ValidationOptions } from 'class-validator';
import { ACCOUNT_ID_PATTERN, DEVICE_ID_PATTERN, TENANT_PATTERN } from '../names.js';

/** Property decorators that messages share, each with the text a sender reads when the field is wrong. */
type Field = PropertyDecorator;
const all =
  (...fields: Field[]): Field =>
  (target, key) => {
    for (const field of fields) field(target, key);
  };

export const Optional = (): Field => IsOptional();

/** An account's name: what people and backends call it. Canonicalised (NFKC, case by tenant) by the directory. */
export const MAX_NAME_LENGTH = 256;
const NAME = /^[^\p{Cc}\p{Cs}]+$/u;
const NAME_RULE = { message: '1 to 256 characters without control characters' };
export const AccountName = (options: ValidationOptions = {}): Field =>
  all(Length(1, MAX_NAME_LENGTH, { ...NAME_RULE, ...options }), Matches(NAME, { ...NAME_RULE, ...options }));

/** A code is exactly its ASCII digits; nothing is trimmed (blanks, other scripts' digits are wrong). */
export const Code = (): Field => Matches(/^[0-9]{6,10}$/, { message: '6 to 10 ASCII digits and nothing else' });

export const RequestId = (): Field =>
  Matches(/^[\x21-\x7e]{1,64}$/, { message: '1 to 64 visible ASCII characters, new for each attempt' });
export const Origin = (): Field =>
  Matches(/^[\x21-\x7e]{1,128}$/, { message: "1 to 128 visible ASCII characters, e.g. a device cookie's hash" });

export const TenantName = (): Field => Matches(TENANT_PATTERN, { message: 'a tenant: a-z, 0-9, -, at most 32' });
export const AccountIdField = (): Field =>
  Matches(ACCOUNT_ID_PATTERN, { message: "an account's id: 20 characters of lower-case base32" });
export const DeviceIdField = (): Field =>
  Matches(DEVICE_ID_PATTERN, { message: "a device's id: 12 characters of lower-case base32" });

export const Whole = (min: number, max: number): Field => {
  const message = `a whole number from ${min} to ${max}`;
  return all(IsInt({ message }), Min(min, { message }), Max(max, { message }));
};
export const OneOf = (values: readonly (string | number)[]): Field =>
  IsIn([...values], { message: `one of ${values.join(', ')}` });

/** base64url without padding of `min` to `max` bytes. */
export const Bytes = (min: number, max = min): Field => {
  const least = Math.ceil((min * 4) / 3);
  const most = Math.ceil((max * 4) / 3);
  const size = min === max ? `${min}` : `${min} to ${max}`;
  return Matches(new RegExp(`^[A-Za-z0-9_-]{${least},${most}}$`), {
    message: `${size} bytes as base64url without padding`,
  });
};

export const ListOf = (max: number): Field => IsArray({ message: `a list of at most ${max}` });
