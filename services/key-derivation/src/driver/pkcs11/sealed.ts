import type { Handle } from 'pkcs11js';
import type { DeviceLabel } from '../hsm-driver.js';
import { parseReference } from '../key-reference.js';
import { storageKeyData } from '../labels.js';
import { tryUnwrap } from './exchange.js';
import type { Masters } from './masters.js';
import type { Session } from './session.js';
import { SESSION, aesKey } from './templates.js';

/** refused: the HSM did not open it, for the blob's sake or its own; unknown: no reference of this token. */
export type OpenedKey = { kind: 'key'; key: Handle } | { kind: 'refused'; error: unknown } | { kind: 'unknown' };

/** A sealed seed, opened in `session` for HMAC only. Another device's blob does not open under this label. */
export function openSealed(session: Session, masters: Masters, reference: string, label: DeviceLabel): OpenedKey {
  const parsed = parseReference(reference);
  if (parsed?.kind !== 'sealed') return { kind: 'unknown' };
  const master = masters.versions.storage.get(parsed.version);
  if (!master) return { kind: 'unknown' };
  return session.temporarily((keep) => {
    const storage = keep(session.deriveByEncryption(master, storageKeyData(label), aesKey('wrap', SESSION)));
    return tryUnwrap(session, storage, parsed.blob, 'mac');
  });
}
