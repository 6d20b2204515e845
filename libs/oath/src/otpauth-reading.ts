import { bytesFromBase32 } from './base32-bytes.js';
import { isAlgorithm, isDigits } from './algorithm.js';
import type { Algorithm, Digits } from './algorithm.js';

interface Enrolled<Bytes> {
  /** who asks for the codes; apps show it beside the account */
  issuer?: string;
  account: string;
  secret: Bytes;
  algorithm: Algorithm;
  digits: Digits;
}

/** What an otpauth URI says ("Key Uri Format" of Google Authenticator; draft-linuxgemini-otpauth-uri). */
export type OtpauthOf<Bytes> = Enrolled<Bytes> &
  ({ type: 'totp'; stepSeconds: number } | { type: 'hotp'; counter: number });

/**
 * Many apps ignore algorithm, digits and period without a word and show wrong codes for anything else. Enrol with
 * these unless the app is known, and have a first code confirmed before the device counts.
 */
export const SAFE_DEFAULTS = { algorithm: 'SHA1', digits: 6, stepSeconds: 30 } as const;

/** Reads an otpauth URI; what it leaves out is SHA1, 6 digits, 30 s. Throws RangeError, never showing the secret. */
export function readOtpauth(text: string): OtpauthOf<Uint8Array> {
  const parts = /^otpauth:\/\/(totp|hotp)\/([^?#]*)\?([^#]*)$/i.exec(text);
  if (!parts) throw new RangeError('not an otpauth URI: otpauth://totp/... or otpauth://hotp/... was expected');
  const type = parts[1]!.toLowerCase();
  const { issuer: before, account } = parseLabel(unescape(parts[2]!, 'label'));
  const fields = parseFields(parts[3]!);
  const issuer = fields.get('issuer') || before;
  const algorithm = (fields.get('algorithm') ?? SAFE_DEFAULTS.algorithm).toUpperCase().replace(/^(HMAC)?SHA-?/, 'SHA');
  if (!isAlgorithm(algorithm)) throw new RangeError('algorithm should be SHA1, SHA256 or SHA512');
  const digits = whole('digits', fields.get('digits') ?? '6');
  if (!isDigits(digits)) throw new RangeError('digits should be 6, 7 or 8');
  const secret = bytesFromBase32(fields.get('secret') ?? '');
  const enrolled = { account, secret, algorithm, digits, ...(issuer !== undefined && { issuer }) };
  if (type === 'hotp') return { type, ...enrolled, counter: whole('counter', fields.get('counter') ?? '') };
  const stepSeconds = whole('period', fields.get('period') ?? '30');
  if (stepSeconds === 0) throw new RangeError('period should be greater than 0');
  return { type: 'totp', ...enrolled, stepSeconds };
}

function parseLabel(label: string): { issuer?: string; account: string } {
  const colon = label.indexOf(':');
  const account = label.slice(colon + 1).trim();
  if (account === '') throw new RangeError('the label names no account');
  const issuer = label.slice(0, Math.max(colon, 0)).trim();
  return issuer === '' ? { account } : { issuer, account };
}

function parseFields(query: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const [name = '', ...rest] = pair.split('=');
    const key = name.toLowerCase();
    if (fields.has(key)) throw new RangeError(`${JSON.stringify(key)} is given twice`);
    fields.set(key, unescape(rest.join('='), key));
  }
  return fields;
}

function unescape(text: string, field: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RangeError(`${field} has a broken percent-escape`);
  }
}

function whole(field: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new RangeError(`${field} should be a whole number`);
}
