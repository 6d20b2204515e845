import { SIGNATURE_TYPES } from '../notes/key-id.js';
import { ed25519Verifier } from '../notes/open-note.js';
import type { NoteVerifier } from '../notes/open-note.js';
import type { VerifierKey } from '../notes/verifier-key.js';
import { cosignatureVerifier } from './cosignature.js';

/** What checks signatures by a key of any type that parseVerifierKey reads. */
export function verifierOf(key: VerifierKey): NoteVerifier {
  switch (key.type) {
    case SIGNATURE_TYPES.ed25519:
      return ed25519Verifier(key);
    case SIGNATURE_TYPES.cosignature:
      return cosignatureVerifier(key);
  }
}
