import { Secret } from '@countersign/runtime';
import { encodeBase32 } from './base32.js';
import { SAFE_DEFAULTS, readOtpauth } from './otpauth-reading.js';
import type { OtpauthOf } from './otpauth-reading.js';

export type Otpauth = OtpauthOf<Secret>;

/** Whether every app shows the right codes for it. */
export function isWidelyUnderstood(uri: Otpauth): boolean {
  const plainHash = uri.algorithm === SAFE_DEFAULTS.algorithm && uri.digits === SAFE_DEFAULTS.digits;
  return plainHash && (uri.type === 'hotp' || uri.stepSeconds === SAFE_DEFAULTS.stepSeconds);
}

/**
 * The URI to show as a QR code. It holds the secret in clear: made where the secret may be seen, and nowhere else.
 * Throws RangeError for an issuer or account that the format cannot carry: empty, not Unicode, or an issuer with a colon.
 */
export function buildOtpauth(uri: Otpauth): string {
  const { issuer, account } = uri;
  if (account.trim() === '') throw new RangeError('the account in an otpauth URI cannot be empty');
  if (issuer !== undefined && (issuer.trim() === '' || issuer.includes(':')))
    throw new RangeError('the issuer in an otpauth URI cannot be empty or hold a colon');
  if (/\p{Cs}/u.test(`${issuer} ${account}`)) throw new RangeError('half a surrogate pair cannot be in an otpauth URI');
  if (issuer === undefined && account.includes(':'))
    throw new RangeError('an account with a colon needs an issuer before it');
  // percent-encoding throughout: several apps show the + of form encoding as it is
  const escape = encodeURIComponent;
  const label = issuer === undefined ? escape(account) : `${escape(issuer)}:${escape(account)}`;
  const moving: [string, number] = uri.type === 'totp' ? ['period', uri.stepSeconds] : ['counter', uri.counter];
  const fields: [string, string | number][] = [
    ['secret', encodeBase32(uri.secret)],
    ...(issuer === undefined ? [] : [['issuer', issuer] as [string, string]]),
    ['algorithm', uri.algorithm],
    ['digits', uri.digits],
    moving,
  ];
  return `otpauth://${uri.type}/${label}?${fields.map(([name, value]) => `${name}=${escape(value)}`).join('&')}`;
}

/** What readOtpauth reads, with the secret as a Secret. Throws RangeError, never showing it. */
export function parseOtpauth(text: string): Otpauth {
  const read = readOtpauth(text);
  const secret = new Secret(read.secret);
  read.secret.fill(0);
  return { ...read, secret };
}
