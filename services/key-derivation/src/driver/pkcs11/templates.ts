import pkcs11js from 'pkcs11js';
import type { Template } from 'pkcs11js';
import type { Algorithm } from '@countersign/oath';

/** Numbers that pkcs11js 2 has no names for (PKCS#11 3.0 and 3.1). */
export const CKM_EDDSA = 0x1057;
export const CKM_EC_EDWARDS_KEY_PAIR_GEN = 0x1055;
export const CKK_EC_EDWARDS = 0x40;
/** AES key wrap with padding, RFC 5649. (CKM_AES_KEY_WRAP, 0x2109, fills up in silence: never that.) */
export const CKM_AES_KEY_WRAP_KWP = 0x210a;

export const P256 = Buffer.from('06082a8648ce3d030107', 'hex'); // OID 1.2.840.10045.3.1.7
export const ED25519 = Buffer.from('06032b6570', 'hex'); // OID 1.3.101.112 (RFC 8410)
const ZERO_IV = Buffer.alloc(16);

export const HMAC: Record<Algorithm, number> = {
  SHA1: pkcs11js.CKM_SHA_1_HMAC,
  SHA256: pkcs11js.CKM_SHA256_HMAC,
  SHA512: pkcs11js.CKM_SHA512_HMAC,
};

export const encryptData = (data: Buffer) => ({
  mechanism: pkcs11js.CKM_AES_CBC_ENCRYPT_DATA,
  parameter: { type: pkcs11js.CK_PARAMS_AES_CBC, iv: ZERO_IV, data },
});

export const diffieHellman = (otherPoint: Buffer) => ({
  mechanism: pkcs11js.CKM_ECDH1_DERIVE,
  parameter: { type: pkcs11js.CK_PARAMS_EC_DH, kdf: pkcs11js.CKD_NULL, publicData: otherPoint },
});

/**
 * session: gone with its session, and only for who is logged in; with a label when it is held and has to say whose it is.
 * token: stays. Neither can be read out.
 */
export type Lifetime = { kind: 'session'; label?: string } | { kind: 'token'; label: string };
export const SESSION: Lifetime = { kind: 'session' };

function template(values: Record<string, number | boolean | Buffer | string>): Template {
  const attributes = pkcs11js as unknown as Record<string, number>;
  return Object.entries(values).map(([name, value]) => ({ type: attributes[`CKA_${name}`]!, value }));
}

const lasting = (lifetime: Lifetime) => ({
  TOKEN: lifetime.kind === 'token',
  PRIVATE: true,
  SENSITIVE: true,
  ...(lifetime.label !== undefined && { LABEL: lifetime.label }),
});

/** An AES-256 key for one use. derive: a master, or x of an ECDH; wrap: a key-encryption key. */
export function aesKey(use: 'derive' | 'wrap', lifetime: Lifetime): Template {
  return template({
    CLASS: pkcs11js.CKO_SECRET_KEY,
    KEY_TYPE: pkcs11js.CKK_AES,
    ...lasting(lifetime),
    EXTRACTABLE: false,
    VALUE_LEN: 32,
    ENCRYPT: false,
    DECRYPT: false,
    SIGN: false,
    VERIFY: false,
    DERIVE: use === 'derive',
    WRAP: use === 'wrap',
    UNWRAP: use === 'wrap',
  });
}

/** mac: for HMAC, never leaves. hand-over: for nothing but being wrapped once, in the call that made it. */
export type KeyPurpose = 'mac' | 'hand-over';

/** A key for HMAC. `lengthBytes` is left out when unwrapping: the blob says it. */
export function macKey(purpose: KeyPurpose, lifetime: Lifetime, lengthBytes?: number): Template {
  return template({
    CLASS: pkcs11js.CKO_SECRET_KEY,
    KEY_TYPE: pkcs11js.CKK_GENERIC_SECRET,
    ...lasting(lifetime),
    EXTRACTABLE: purpose === 'hand-over',
    SIGN: purpose === 'mac',
    VERIFY: false,
    DERIVE: false,
    ...(lengthBytes !== undefined && { VALUE_LEN: lengthBytes }),
  });
}

interface PairTemplates {
  publicKey: Template;
  privateKey: Template;
}

/** P-256, for ECDH only. */
export function agreementPair(lifetime: Lifetime): PairTemplates {
  const { PRIVATE: _private, SENSITIVE: _sensitive, ...open } = lasting(lifetime);
  return {
    publicKey: template({ ...open, PRIVATE: false, EC_PARAMS: P256, VERIFY: false }),
    privateKey: template({ ...lasting(lifetime), EXTRACTABLE: false, DERIVE: true, SIGN: false }),
  };
}

/** Ed25519, for signing only. */
export function signingPair(label: string): PairTemplates {
  return {
    publicKey: template({
      KEY_TYPE: CKK_EC_EDWARDS,
      TOKEN: true,
      PRIVATE: false,
      LABEL: label,
      EC_PARAMS: ED25519,
      VERIFY: true,
    }),
    privateKey: template({
      KEY_TYPE: CKK_EC_EDWARDS,
      ...lasting({ kind: 'token', label }),
      EXTRACTABLE: false,
      SIGN: true,
      DERIVE: false,
    }),
  };
}

/** Finds an object of the token by its label. */
export function search(kind: 'secret' | 'private' | 'public', label: string): Template {
  const classes = {
    secret: pkcs11js.CKO_SECRET_KEY,
    private: pkcs11js.CKO_PRIVATE_KEY,
    public: pkcs11js.CKO_PUBLIC_KEY,
  };
  return template({ CLASS: classes[kind], TOKEN: true, LABEL: label });
}
