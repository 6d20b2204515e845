import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '@countersign/runtime';
import { fromBase64, taken } from '../encodings.js';
import type { Keys } from '../keys.js';
import { TokenFileError } from '../token-file-error.js';
import { hmacHashOf, isPbkdf2 } from './algorithms.js';
import { find, textAt } from './elements.js';
import type { Element } from './elements.js';

/** What the values of a container are encrypted with. */
export interface EncryptionKey {
  key: Secret;
  /** what a person would have got wrong */
  from: 'password' | 'pre-shared key';
}

/** Some seconds of work; a file could ask for hours. */
const MOST_ITERATIONS = 5_000_000;
const KEY_BYTES = [16, 24, 32];
const LONGEST_SALT = 1024;

const derive = promisify(pbkdf2);

/**
 * The key that `<EncryptionKey>` stands for: the pre-shared one, or one derived from the password by PBKDF2 (RFC 6030
 * section 6.2). Its parameters are found by their names alone: RFC 6030's own example has them in no namespace. The
 * caller disposes of it. Throws TokenFileError.
 */
export async function encryptionKey(element: Element | undefined, keys: Keys): Promise<EncryptionKey> {
  const method = find(element, 'DerivedKey', 'KeyDerivationMethod');
  if (method) return { key: await derivedKey(method, keys.password), from: 'password' };
  if (find(element, 'DerivedKey') || find(element, 'X509Data') || find(element, 'EncryptedKey'))
    throw new TokenFileError(
      'unsupported',
      'encrypted to a certificate or another key; a pre-shared key or PBKDF2 is read',
    );
  const { preSharedKey } = keys;
  if (preSharedKey === undefined)
    throw new TokenFileError('key_needed', 'the file is encrypted: give the pre-shared key');
  if (!KEY_BYTES.includes(preSharedKey.length))
    throw new TokenFileError('wrong_key', `a pre-shared key has 16, 24 or 32 bytes, not ${preSharedKey.length}`);
  return { key: taken(Buffer.from(preSharedKey.reveal())), from: 'pre-shared key' };
}

async function derivedKey(method: Element, password: Secret | undefined): Promise<Secret> {
  if (!isPbkdf2(method.attributes['Algorithm']))
    throw new TokenFileError('unsupported', 'a key derivation other than PBKDF2 (RFC 8018)');
  const parameters = find(method, 'PBKDF2-params');
  const salt = fromBase64(textAt(parameters, 'Salt', 'Specified'));
  if (salt === undefined || salt.length > LONGEST_SALT)
    throw new TokenFileError('malformed', 'PBKDF2: the salt should be given, in base64');
  const iterations = whole(textAt(parameters, 'IterationCount'));
  if (!(iterations >= 1 && iterations <= MOST_ITERATIONS))
    throw new TokenFileError('malformed', `PBKDF2: the iteration count should be from 1 to ${MOST_ITERATIONS}`);
  const keyBytes = whole(textAt(parameters, 'KeyLength'));
  if (!KEY_BYTES.includes(keyBytes))
    throw new TokenFileError('malformed', 'PBKDF2: the key length should be 16, 24 or 32 bytes');
  const prf = find(parameters, 'PRF')?.attributes['Algorithm'] ?? textAt(parameters, 'PRF'); // python-pskc writes it as text
  const hash = prf === undefined ? 'sha1' : hmacHashOf(prf); // RFC 8018 appendix A.2: without one it is HMAC-SHA-1
  if (hash === undefined) throw new TokenFileError('unsupported', 'PBKDF2: the PRF should be HMAC with SHA-1 or SHA-2');
  if (password === undefined) throw new TokenFileError('password_needed', 'the file is encrypted: give its password');
  return taken(await derive(password.reveal(), salt, iterations, keyBytes, hash));
}

const whole = (text: string | undefined): number => (/^\d{1,9}$/.test(text ?? '') ? Number(text) : NaN);
