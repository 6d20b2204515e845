import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { reasonOf } from '@countersign/runtime';
import { SIGNATURE_TYPES, formatVerifierKey, verifierKey, type Cosigner } from '@countersign/tlog';
import { Unusable } from '../../exit.js';

/** A witness by its name and its Ed25519 key, a PEM file as OpenSSL makes it. Throws Unusable for another. */
export function cosignerOf(name: string, keyFile: string): Cosigner {
  const privateKey = readKey(keyFile);
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return {
    name,
    publicKey: Buffer.from(x, 'base64url'),
    sign: async (message) => sign(null, message, privateKey),
  };
}

/** What others check its cosignatures with. Throws Unusable for a name that no key can have. */
export function cosignerKey({ name, publicKey }: Cosigner): string {
  try {
    return formatVerifierKey(verifierKey(name, SIGNATURE_TYPES.cosignature, publicKey));
  } catch (error) {
    throw new Unusable(`--cosigner: ${reasonOf(error)}`);
  }
}

function readKey(file: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (error) {
    throw new Unusable(`${file} cannot be read as a private key: ${reasonOf(error)}`);
  }
  throw new Unusable(`${file} is no Ed25519 key; make one: openssl genpkey -algorithm ed25519 -out ${file}`);
}
