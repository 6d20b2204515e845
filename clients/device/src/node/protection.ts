import { createCipheriv, createDecipheriv, scryptSync } from 'node:crypto';
import { Secret } from '@countersign/runtime';
import type { Hidden } from '@countersign/pairing';
import type { Random } from '@countersign/runtime';
import { DeviceError } from '../device-error.js';

/** How the key lies in the file; byte strings are base64url. */
export interface Protected {
  /** scrypt's N, r, p (RFC 7914 section 2) */
  scrypt: { cost: number; blockSize: number; parallel: number; salt: string };
  /** AES-256-GCM: nonce, ciphertext followed by the 16-byte tag */
  nonce: string;
  sealed: string;
}

/** 128 MiB and about a third of a second for each guess at the passphrase. */
export const DEFAULT_COST = 2 ** 17;
const MIN_COST = 2 ** 10;
const MAX_COST = 2 ** 20; // a file cannot make its reader take more than 1 GiB
const BLOCK_SIZE = 8;
const PARALLEL = 1;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

/** `bound` is not hidden but cannot be changed: opening with another fails. */
export function protect(key: Hidden, passphrase: Secret, bound: Uint8Array, random: Random, cost: number): Protected {
  if (passphrase.length === 0) throw new RangeError('the passphrase is empty');
  const salt = random.bytes(SALT_BYTES);
  const nonce = random.bytes(NONCE_BYTES);
  using kek = stretch(passphrase, salt, cost);
  const cipher = createCipheriv(CIPHER, kek.reveal(), nonce).setAAD(bound);
  const sealed = Buffer.concat([cipher.update(key.reveal()), cipher.final(), cipher.getAuthTag()]);
  return {
    scrypt: { cost, blockSize: BLOCK_SIZE, parallel: PARALLEL, salt: salt.toString('base64url') },
    nonce: nonce.toString('base64url'),
    sealed: sealed.toString('base64url'),
  };
}

/** Throws DeviceError 'passphrase': wrong, or anything of it was changed; which of them cannot be told. */
export function unprotect({ scrypt, nonce, sealed }: Protected, passphrase: Secret, bound: Uint8Array): Secret {
  const { cost, blockSize, parallel } = scrypt;
  const usual = blockSize === BLOCK_SIZE && parallel === PARALLEL && (cost & (cost - 1)) === 0;
  if (!usual || cost < MIN_COST || cost > MAX_COST)
    throw new DeviceError('format', 'the device file has scrypt parameters that this version does not take');
  const bytes = Buffer.from(sealed, 'base64url');
  using kek = stretch(passphrase, Buffer.from(scrypt.salt, 'base64url'), cost);
  try {
    const decipher = createDecipheriv(CIPHER, kek.reveal(), Buffer.from(nonce, 'base64url'), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(bound).setAuthTag(bytes.subarray(-TAG_BYTES));
    const opened = decipher.update(bytes.subarray(0, -TAG_BYTES));
    const key = new Secret(opened);
    opened.fill(0);
    decipher.final();
    return key;
  } catch (error) {
    throw new DeviceError('passphrase', 'the passphrase is wrong, or the device file was changed', {
      cause: error,
    });
  }
}

function stretch(passphrase: Secret, salt: Buffer, cost: number): Secret {
  const options = { N: cost, r: BLOCK_SIZE, p: PARALLEL, maxmem: 256 * cost * BLOCK_SIZE };
  const bytes = scryptSync(passphrase.reveal(), salt, 32, options);
  const key = new Secret(bytes);
  bytes.fill(0);
  return key;
}
