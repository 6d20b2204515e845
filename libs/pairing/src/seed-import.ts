import type { Random, Secret } from '@countersign/runtime';
import { fromBase64url, toBase64url } from './base64url.js';
import { makeEphemeral } from './ephemeral.js';
import { checkIdentity, importKeyMessage } from './identity.js';
import { keyEncryptionKey, wrapKey } from './key-wrap.js';
import { checkPoint } from './point.js';
import { transcriptHash } from './transcript.js';
import type { PairedParameters } from './transcript.js';

/** What seeds are wrapped to. */
export interface ImportTarget {
  /** as the platform gave it: P-256 point and the identity key's signature over it, base64url */
  importKey: { point: string; signature: string };
  /** Ed25519, 32 bytes, base64url: known beforehand, not from the same answer */
  pinnedIdentityKey: string;
  random?: Random;
}

export interface SeedToImport extends ImportTarget {
  /** in a length that the HSM takes for the algorithm: see prepareSeed of @countersign/oath */
  seed: Secret;
  parameters: PairedParameters;
}

/** Both base64url: what goes into the request for an import. */
export interface WrappedSeed {
  point: string;
  wrapped: string;
}

/** Wraps several seeds from one ephemeral point; each opens for its own device only, since its transcript is another. */
export interface SeedWrapper extends Disposable {
  /** base64url */
  readonly point: string;
  /** base64url */
  wrap(seed: Secret, parameters: PairedParameters): string;
}

/** Throws PairingError 'signature', before any seed is touched, when the import key is not the platform's. */
export function seedWrapper({ importKey, pinnedIdentityKey, random }: ImportTarget): SeedWrapper {
  const theirs = checkPoint(fromBase64url(importKey.point, 'the import key'));
  checkIdentity(pinnedIdentityKey, importKeyMessage(theirs), importKey.signature);
  const ephemeral = makeEphemeral(random);
  const shared = ephemeral.agree(theirs);
  return {
    point: toBase64url(ephemeral.point),
    wrap(seed, parameters) {
      using kek = keyEncryptionKey(shared, transcriptHash('import', parameters, ephemeral.point, theirs));
      return toBase64url(wrapKey(kek, seed));
    },
    [Symbol.dispose]: () => shared[Symbol.dispose](),
  };
}

/**
 * Wraps a seed so that only the HSM can open it, and only for this device with these parameters.
 * Throws PairingError 'signature' before touching the seed when the import key is not the platform's.
 */
export function wrapForImport({ seed, parameters, ...target }: SeedToImport): WrappedSeed {
  using wrapper = seedWrapper(target);
  return { point: wrapper.point, wrapped: wrapper.wrap(seed, parameters) };
}
