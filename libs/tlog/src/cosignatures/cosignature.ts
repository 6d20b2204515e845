import { isEd25519 } from '../notes/ed25519.js';
import { SIGNATURE_TYPES } from '../notes/key-id.js';
import type { NoteVerifier } from '../notes/open-note.js';
import type { NoteSigner } from '../notes/sign-note.js';
import { verifierKey } from '../notes/verifier-key.js';
import type { VerifierKey } from '../notes/verifier-key.js';
import { TlogError } from '../tlog-error.js';

const TIME_BYTES = 8;
const ED25519_SIGNATURE_BYTES = 64;

/** Whose cosignatures a witness makes: `sign` is its Ed25519 key's, over any message. */
export interface Cosigner {
  name: string;
  publicKey: Uint8Array;
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/**
 * Signs a checkpoint as a witness who saw nothing larger of this log at that time, and that it extends what was seen
 * before: check that first (C2SP tlog-cosignature, version 1). Throws TlogError `key` or `time`.
 */
export function cosignatureSigner(cosigner: Cosigner, atSeconds: number): NoteSigner {
  const { name, id } = verifierKey(cosigner.name, SIGNATURE_TYPES.cosignature, cosigner.publicKey);
  if (!Number.isSafeInteger(atSeconds) || atSeconds < 0)
    throw new TlogError('time', 'a cosignature has the seconds since 1970, a whole number');
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(atSeconds));
  const sign = async (text: Uint8Array): Promise<Uint8Array> =>
    Buffer.concat([time, await cosigner.sign(messageOf(BigInt(atSeconds), text))]);
  return { name, id, sign };
}

/** Of a key of the type for cosignatures. */
export const cosignatureVerifier = ({ name, id, publicKey }: VerifierKey): NoteVerifier => ({
  name,
  id,
  isSignature: (text, signature) =>
    signature.length === TIME_BYTES + ED25519_SIGNATURE_BYTES &&
    isEd25519(messageOf(timeOf(signature), text), signature.subarray(TIME_BYTES), publicKey),
});

/** When a cosignature that was checked says it was made: seconds since 1970. Throws TlogError `time`. */
export function cosignedAtSeconds(signature: Uint8Array): number {
  const seconds = signature.length < TIME_BYTES ? -1n : timeOf(signature);
  if (seconds < 0n || seconds > Number.MAX_SAFE_INTEGER)
    throw new TlogError('time', 'a cosignature begins with the seconds since 1970, at most 2^53 - 1');
  return Number(seconds);
}

const timeOf = (signature: Uint8Array): bigint => Buffer.from(signature).readBigUInt64BE();

const messageOf = (atSeconds: bigint, text: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`cosignature/v1\ntime ${atSeconds}\n`, 'utf8'), text]);
