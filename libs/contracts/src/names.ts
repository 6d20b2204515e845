import { Failure } from './failure.js';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** One organisation. Taken from the subject only, never from a message. */
export type Tenant = Branded<'tenant'>;
/** A backend that asks. It is who its NATS credentials say it is. */
export type Caller = Branded<'caller'>;
/** The random id of an account: 20 characters of Crockford's base32, 100 bits. */
export type AccountId = Branded<'account'>;
/** The random id of a device, unique within its account: 12 characters, 60 bits. */
export type DeviceId = Branded<'device'>;

export const ACCOUNT_ID_LENGTH = 20;
export const DEVICE_ID_LENGTH = 12;
/** The random id of a session to pair by PIN: 80 bits. */
export const SESSION_LENGTH = 16;

export const TENANT_PATTERN = /^[a-z0-9][a-z0-9-]{0,31}$/;
export const ACCOUNT_ID_PATTERN = /^[0-9a-hjkmnp-tv-z]{20}$/;
export const DEVICE_ID_PATTERN = /^[0-9a-hjkmnp-tv-z]{12}$/;
export const CHALLENGE_PATTERN = /^[0-9a-hjkmnp-tv-z]{16}$/;
export const SESSION_PATTERN = /^[0-9a-hjkmnp-tv-z]{16}$/;

function parser<T extends string>(field: string, pattern: RegExp, right: string) {
  return (text: string): T => {
    if (pattern.test(text)) return text as T;
    throw new Failure('INVALID_ARGUMENT', `${field} should be ${right}`, { fields: [{ field, problem: right }] });
  };
}

const NAME_RULE = '1 to 32 characters of a-z, 0-9 and -, not beginning with -';
export const parseTenant = parser<Tenant>('tenant', TENANT_PATTERN, NAME_RULE);
export const parseCaller = parser<Caller>('caller', TENANT_PATTERN, NAME_RULE);
export const parseAccountId = parser<AccountId>(
  'account',
  ACCOUNT_ID_PATTERN,
  '20 characters of lower-case base32 (Crockford)',
);
export const parseDeviceId = parser<DeviceId>(
  'device',
  DEVICE_ID_PATTERN,
  '12 characters of lower-case base32 (Crockford)',
);
