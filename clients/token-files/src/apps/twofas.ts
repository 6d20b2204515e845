import { createHash, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '@countersign/runtime';
import { fromBase64, seedFromBase32, taken } from '../encodings.js';
import type { Entry } from '../judge-entry.js';
import { TokenFileError } from '../token-file-error.js';
import { parsedJson } from './json-file.js';
import type { Json } from './json-file.js';
import { openGcm, TAG_BYTES } from './open-gcm.js';

const ITERATIONS = 10_000; // fixed by 2FAS
const KEY_BYTES = 32;
const SCHEMAS = [1, 2, 3, 4];

const derive = promisify(pbkdf2);

/**
 * The tokens of a 2FAS backup, plain or encrypted (PBKDF2 with HMAC-SHA-256, AES-256-GCM). 2FAS has no serials: one is
 * made of what it shows of a token and when that was last changed. Throws TokenFileError.
 */
export async function twofasEntries(file: Json, password: Secret | undefined): Promise<Entry[]> {
  if (!SCHEMAS.includes(file.get('schemaVersion').value as number))
    throw new TokenFileError('unsupported', 'another schema of 2FAS backups; 1 to 4 are read');
  const encrypted = file.get('servicesEncrypted').text;
  const { items } = encrypted === undefined ? file.get('services') : await opened(encrypted, password);
  if (items === undefined) throw new TokenFileError('malformed', 'the backup holds no list of services');
  return items.map(entryOf);
}

function entryOf(service: Json, index: number): Entry {
  const otp = service.get('otp');
  const [issuer, account] = [otp.get('issuer').text ?? service.get('name').text, otp.get('account').text];
  return {
    line: index + 1,
    serial: serialOf([service.get('name'), otp.get('issuer'), otp.get('account'), service.get('updatedAt')]),
    fields: () => ({
      type: otp.get('tokenType').optional ?? 'totp',
      algorithm: otp.get('algorithm').optional,
      digits: otp.get('digits').optional,
      stepSeconds: otp.get('period').optional,
      counter: otp.get('counter').optional,
      user: account,
      label: [issuer, account].filter(Boolean).join(': '),
      seed: () => seedFromBase32(service.get('secret').text),
    }),
  };
}

const SERIAL_HEX = 20; // 80 bits: no two of one person's tokens meet

function serialOf(shown: Json[]): string {
  const text = JSON.stringify(shown.map(({ value }) => value ?? null));
  return `2fas-${createHash('sha256').update(text).digest('hex').slice(0, SERIAL_HEX)}`;
}

/** `ciphertext and tag : salt : nonce`, each in base64 */
async function opened(encrypted: string, password: Secret | undefined): Promise<Json> {
  if (password === undefined) throw new TokenFileError('password_needed', 'the backup is encrypted: give its password');
  const [bytes, salt, nonce, ...more] = encrypted.split(':', 4).map(fromBase64);
  if (!bytes || bytes.length <= TAG_BYTES || !salt || !nonce || more.length > 0)
    throw new TokenFileError('malformed', 'servicesEncrypted should be ciphertext, salt and nonce in base64');
  using key = taken(await derive(password.reveal(), salt, ITERATIONS, KEY_BYTES, 'sha256'));
  const [ciphertext, tag] = [bytes.subarray(0, -TAG_BYTES), bytes.subarray(-TAG_BYTES)];
  using plain = openGcm(key, { nonce, ciphertext, tag });
  if (plain === undefined)
    throw new TokenFileError('wrong_password', 'not the password of this backup, or the backup was changed');
  return parsedJson(plain.reveal().toString('utf8'));
}
