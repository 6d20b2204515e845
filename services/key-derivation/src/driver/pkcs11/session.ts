import pkcs11js from 'pkcs11js';
import type { Handle, Mechanism, Template } from 'pkcs11js';
import { HASH_SIZES } from '@countersign/oath';
import type { Algorithm } from '@countersign/oath';
import { HsmTrouble } from '../hsm-driver.js';
import type { Cryptoki } from './cryptoki.js';
import { CKM_AES_KEY_WRAP_KWP, CKM_EDDSA, HMAC, encryptData } from './templates.js';

const MAX_WRAPPED_BYTES = 256;
const ED25519_SIGNATURE_BYTES = 64;

export const anotherKey = (): HsmTrouble => new HsmTrouble('a handle denotes another key than it did');

/** One session, in the words of this service. Every method throws pkcs11js errors as they come. */
export class Session {
  constructor(
    private readonly cryptoki: Cryptoki,
    readonly handle: Handle,
  ) {}

  static open(cryptoki: Cryptoki, slot: Handle, access: 'read-only' | 'read-write' = 'read-only'): Session {
    // session objects can be made in a read-only session; token objects cannot
    const flags = pkcs11js.CKF_SERIAL_SESSION | (access === 'read-write' ? pkcs11js.CKF_RW_SESSION : 0);
    return new Session(cryptoki, cryptoki.calls.C_OpenSession(slot, flags));
  }

  hmac(algorithm: Algorithm, key: Handle, message: Buffer): Buffer {
    this.calls.C_SignInit(this.handle, { mechanism: HMAC[algorithm] }, key);
    return this.calls.C_Sign(this.handle, message, Buffer.alloc(HASH_SIZES[algorithm].macBytes));
  }

  sign(privateKey: Handle, message: Buffer): Buffer {
    this.calls.C_SignInit(this.handle, { mechanism: CKM_EDDSA }, privateKey);
    return this.calls.C_Sign(this.handle, message, Buffer.alloc(ED25519_SIGNATURE_BYTES));
  }

  /** AES-CBC over `data` under a master or an ECDH result; the new key is what comes out. */
  deriveByEncryption(from: Handle, data: Buffer, template: Template): Handle {
    return this.derive(encryptData(data), from, template);
  }

  derive(mechanism: Mechanism, from: Handle, template: Template): Handle {
    return this.calls.C_DeriveKey(this.handle, mechanism, from, template);
  }

  wrap(kek: Handle, key: Handle): Buffer {
    const out = Buffer.alloc(MAX_WRAPPED_BYTES);
    return Buffer.from(this.calls.C_WrapKey(this.handle, { mechanism: CKM_AES_KEY_WRAP_KWP }, kek, key, out));
  }

  unwrap(kek: Handle, wrapped: Buffer, template: Template): Handle {
    return this.calls.C_UnwrapKey(this.handle, { mechanism: CKM_AES_KEY_WRAP_KWP }, kek, wrapped, template);
  }

  /** The same key as an object of this session, which goes with it: using one of the token reads the token's files each time. */
  copy(key: Handle): Handle {
    return this.calls.C_CopyObject(this.handle, key, [{ type: pkcs11js.CKA_TOKEN, value: false }]);
  }

  random(lengthBytes: number): Buffer {
    return this.calls.C_GenerateRandom(this.handle, Buffer.alloc(lengthBytes));
  }

  makePair(mechanism: number, publicKey: Template, privateKey: Template): { publicKey: Handle; privateKey: Handle } {
    return this.calls.C_GenerateKeyPair(this.handle, { mechanism }, publicKey, privateKey);
  }

  makeKey(mechanism: number, template: Template): Handle {
    return this.calls.C_GenerateKey(this.handle, { mechanism }, template);
  }

  /** The objects that fit, at most two: one is right, two are one too many. */
  find(template: Template): Handle[] {
    this.calls.C_FindObjectsInit(this.handle, template);
    const found = this.calls.C_FindObjects(this.handle, 2);
    this.calls.C_FindObjectsFinal(this.handle);
    return found;
  }

  /** A public key's point, without the DER octet string around it (PKCS#11 2.40, section 2.3.3). */
  point(publicKey: Handle): Buffer {
    const value = this.attribute(publicKey, pkcs11js.CKA_EC_POINT);
    const isOctetString = value[0] === 0x04 && value[1] === value.length - 2;
    return isOctetString ? value.subarray(2) : value;
  }

  /**
   * Throws HsmTrouble when the handle does not denote the object of this label: a module that lost its objects numbers
   * the next ones anew, and then an old handle is another's key. Asked after a use, the answer holds for that use too.
   */
  prove(handle: Handle, label: string): void {
    if (this.attribute(handle, pkcs11js.CKA_LABEL).toString('utf8') !== label) throw anotherKey();
  }

  destroy(handle: Handle): void {
    this.calls.C_DestroyObject(this.handle, handle);
  }

  /**
   * Runs `work` with a place to note the objects it makes, and destroys them all at its end, whatever happens.
   * An object that cannot be destroyed goes with the session: the error closes it.
   */
  temporarily<T>(work: (keep: (handle: Handle) => Handle) => T): T {
    const made: Handle[] = [];
    try {
      return work((handle) => {
        made.push(handle);
        return handle;
      });
    } finally {
      for (const handle of made.reverse()) this.destroy(handle);
    }
  }

  close(): void {
    this.calls.C_CloseSession(this.handle);
  }

  private attribute(object: Handle, type: number): Buffer {
    return this.calls.C_GetAttributeValue(this.handle, object, [{ type }])[0]!.value;
  }

  private get calls() {
    return this.cryptoki.calls;
  }
}
