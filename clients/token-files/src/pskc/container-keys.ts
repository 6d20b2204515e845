import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@countersign/runtime';
import { fromBase64, taken } from '../encodings.js';
import { Refusal } from '../refusal.js';
import { TokenFileError } from '../token-file-error.js';
import { cipherOf, hmacHashOf } from './algorithms.js';
import type { Cipher } from './algorithms.js';
import { find, textAt } from './elements.js';
import type { Element } from './elements.js';
import type { EncryptionKey } from './encryption-key.js';

const BLOCK_BYTES = 16;

/** Opens the encrypted values of one container (RFC 6030 section 6). */
export class ContainerKeys implements Disposable {
  readonly #encryption: EncryptionKey;
  readonly #hash: string | undefined;
  readonly #macKey: Secret;
  #fitted = false;

  /** Throws TokenFileError. Owns the key from then on. */
  constructor(encryption: EncryptionKey, macMethod: Element | undefined) {
    this.#encryption = encryption;
    this.#hash = hmacHashOf(macMethod?.attributes['Algorithm']);
    if (macMethod && this.#hash === undefined)
      throw new TokenFileError('unsupported', 'the MAC should be HMAC with SHA-1 or SHA-2');
    const macKey = find(macMethod, 'MACKey');
    this.#macKey = macKey ? this.#openMacKey(macKey) : encryption.key; // section 6.1.1: without one, the key itself
  }

  [Symbol.dispose](): void {
    this.#macKey[Symbol.dispose]();
    this.#encryption.key[Symbol.dispose]();
  }

  /**
   * The plain value of a `<Secret>`, `<Counter>` and the like. Its MAC, over IV and ciphertext, is checked before
   * anything is decrypted. Throws Refusal; TokenFileError while no MAC has been right yet, since the key may be wrong.
   */
  open(data: Element): Secret {
    const value = find(data, 'EncryptedValue');
    const cipher = cipherOf(find(value, 'EncryptionMethod')?.attributes['Algorithm']);
    if (cipher === undefined)
      throw new Refusal('encryption', 'not AES in CBC mode (xmlenc#aes128-cbc, aes192-cbc, aes256-cbc)');
    const bytes = cipherBytes(value);
    if (bytes === undefined)
      throw new Refusal('encryption', 'the CipherValue should be base64, whole blocks after an IV');
    const mac = fromBase64(textAt(data, 'ValueMAC'));
    if (this.#hash === undefined || mac === undefined)
      throw new Refusal('mac', 'an encrypted value needs a MACMethod and a ValueMAC in base64 (RFC 6030 section 6.2)');
    this.#checkLength(cipher);
    const right = createHmac(this.#hash, this.#macKey.reveal()).update(bytes).digest();
    if (mac.length !== right.length || !timingSafeEqual(mac, right)) {
      if (this.#fitted) throw new Refusal('mac', 'not right: the value was changed after it was made');
      throw this.#wrong('or the file was changed: the first MAC is not right');
    }
    this.#fitted = true;
    const plain = decrypted(cipher, this.#encryption.key, bytes);
    if (plain === undefined) throw new Refusal('encryption', 'the padding of the decrypted value is not right');
    return plain;
  }

  #openMacKey(element: Element): Secret {
    const cipher = cipherOf(find(element, 'EncryptionMethod')?.attributes['Algorithm']);
    if (cipher === undefined)
      throw new TokenFileError('unsupported', 'the MAC key should be encrypted by AES in CBC mode');
    const bytes = cipherBytes(element);
    if (bytes === undefined)
      throw new TokenFileError('malformed', 'the MAC key should be base64, whole blocks after an IV');
    this.#checkLength(cipher);
    const key = decrypted(cipher, this.#encryption.key, bytes);
    if (key === undefined) throw this.#wrong('the MAC key does not open with it');
    return key;
  }

  #checkLength({ name, keyBytes }: Cipher): void {
    const { length } = this.#encryption.key;
    if (length !== keyBytes) throw this.#wrong(`${name} takes a key of ${keyBytes} bytes, not ${length}`);
  }

  #wrong(why: string): TokenFileError {
    const { from } = this.#encryption;
    return new TokenFileError(
      from === 'password' ? 'wrong_password' : 'wrong_key',
      `not the ${from} of this file: ${why}`,
    );
  }
}

/** IV and ciphertext: whole blocks, one of each at least. */
function cipherBytes(value: Element | undefined): Buffer | undefined {
  const bytes = fromBase64(textAt(value, 'CipherData', 'CipherValue'));
  return bytes && bytes.length >= 2 * BLOCK_BYTES && bytes.length % BLOCK_BYTES === 0 ? bytes : undefined;
}

/** XML Encryption 1.1, section 5.2.1: the last byte says how many are padding; what the others are is left open. */
function decrypted({ name }: Cipher, key: Secret, bytes: Buffer): Secret | undefined {
  const decipher = createDecipheriv(name, key.reveal(), bytes.subarray(0, BLOCK_BYTES)).setAutoPadding(false);
  const padded = decipher.update(bytes.subarray(BLOCK_BYTES));
  decipher.final();
  const padding = padded.at(-1) ?? 0;
  if (padding < 1 || padding > BLOCK_BYTES) {
    padded.fill(0);
    return undefined;
  }
  const plain = taken(padded.subarray(0, padded.length - padding));
  padded.fill(0);
  return plain;
}
