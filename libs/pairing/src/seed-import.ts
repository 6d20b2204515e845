import type { Random, Secret } from '@countersign/runtime';
import { fromBase64url, toBase64url } from './base64url.js';
import { makeEphemeral } from './ephemeral.js';
import { checkIdentity, importKeyMessage } from './identity.js';
import { keyEncryptionKey, wrapKey } from './key-wrap.js';
import { checkPoint } from './point.js';
import { transcriptHash } from './transcript.js';
import type { PairedParameters } from './transcript.js';

export interface SeedToImport {
  /** in a length that the HSM takes for the algorithm: see prepareSeed of @countersign/oath */
  seed: Secret;
  parameters: PairedParameters;
  /** as the platform gave it: P-256 point and the identity key's signature over it, base64url */
  importKey: { point: string; signature: string };
  /** Ed25519, 32 bytes, base64url: known beforehand, not from the same answer */
  pinnedIdentityKey: string;
  random?: Random;
}

/** Both base64url: what goes into the request for an import. */
export interface WrappedSeed {
  point: string;
  wrapped: string;
}

/**
 * Wraps a seed so that only the HSM can open it, and only for this device with these parameters.
 * Throws PairingError 'signature' before touching the seed when the import key is not the platform's.
 */
export function wrapForImport({ seed, parameters, importKey, pinnedIdentityKey, random }: SeedToImport): WrappedSeed {
  const theirs = checkPoint(fromBase64url(importKey.point, 'the import key'));
  checkIdentity(pinnedIdentityKey, importKeyMessage(theirs), importKey.signature);
  const ephemeral = makeEphemeral(random);
  using shared = ephemeral.agree(theirs);
  using kek = keyEncryptionKey(shared, transcriptHash('import', parameters, ephemeral.point, theirs));
  return { point: toBase64url(ephemeral.point), wrapped: toBase64url(wrapKey(kek, seed)) };
}
