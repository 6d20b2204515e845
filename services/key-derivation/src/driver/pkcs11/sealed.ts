import type { Handle, Template } from 'pkcs11js';
import { counterBytes, isKeyLength } from '@countersign/oath';
import type { Algorithm } from '@countersign/oath';
import type { DeviceLabel, Imported } from '../hsm-driver.js';
import { formatReference, parseReference } from '../key-reference.js';
import { storageKeyData } from '../labels.js';
import { returnValueOf } from './cryptoki.js';
import { masterOf, newest } from './masters.js';
import type { Masters } from './masters.js';
import type { Session } from './session.js';
import { SESSION, aesKey, macKey } from './templates.js';
import type { Lifetime } from './templates.js';

/** refused: the HSM did not open it, for the blob's sake or its own; unknown: no reference of this token. */
export type OpenedKey = { kind: 'key'; key: Handle } | { kind: 'refused'; error: unknown } | { kind: 'unknown' };

/** A sealed seed, opened in `session` for HMAC only. Another device's blob does not open under this label. */
export function openSealed(
  session: Session,
  masters: Masters,
  reference: string,
  label: DeviceLabel,
  lifetime: Lifetime = SESSION,
): OpenedKey {
  const parsed = parseReference(reference);
  if (parsed?.kind !== 'sealed') return { kind: 'unknown' };
  const master = masterOf(masters, 'storage', parsed.version);
  if (!master) return { kind: 'unknown' };
  return session.temporarily((keep) => {
    const storage = keep(session.deriveByEncryption(master.handle, storageKeyData(label), aesKey('wrap', SESSION)));
    return tryUnwrap(session, storage, parsed.blob, macKey('mac', lifetime));
  });
}

/**
 * Seals an imported seed for its device, and gives the reference only when the sealed form has opened again and made a
 * MAC: a seed that the HSM would refuse at a sign-in is refused here.
 */
export function seal(session: Session, masters: Masters, label: DeviceLabel, key: Handle): Imported {
  return session.temporarily((keep) => {
    const { version, handle, label: master } = newest(masters, 'storage');
    const storage = keep(session.deriveByEncryption(handle, storageKeyData(label), aesKey('wrap', SESSION)));
    session.prove(handle, master);
    const blob = session.wrap(storage, key);
    if (!isBlobOf(label.algorithm, blob.length)) return { kind: 'length' };
    const opened = keep(session.unwrap(storage, blob, macKey('mac', SESSION)));
    session.hmac(label.algorithm, opened, counterBytes(0));
    return { kind: 'imported', reference: formatReference({ kind: 'sealed', version, blob }) };
  });
}

/** HSMs do not say how long an unwrapped key is, but AES-KWP does: the key's length rounded up to eight, and eight. */
function isBlobOf(algorithm: Algorithm, blobBytes: number): boolean {
  return [20, 32, 64, 128].some(
    (length) => isKeyLength(algorithm, length) && Math.ceil(length / 8) * 8 + 8 === blobBytes,
  );
}

/** Unwraps, telling the HSM's refusal apart from every other failure of the call. */
export function tryUnwrap(
  session: Session,
  kek: Handle,
  wrapped: Buffer,
  template: Template,
): { kind: 'key'; key: Handle } | { kind: 'refused'; error: unknown } {
  try {
    return { kind: 'key', key: session.unwrap(kek, wrapped, template) };
  } catch (error) {
    if (returnValueOf(error)) return { kind: 'refused', error };
    throw error;
  }
}
