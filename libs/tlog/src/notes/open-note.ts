import { TlogError } from '../tlog-error.js';
import { isEd25519 } from './ed25519.js';
import type { Note, NoteSignature } from './note.js';
import { parseNote } from './note.js';
import type { VerifierKey } from './verifier-key.js';

/** Says whether a key made a signature over a note's text. One for each type of signature. */
export interface NoteVerifier {
  name: string;
  id: number;
  isSignature(text: Uint8Array, signature: Uint8Array): boolean;
}

/** A note that somebody who is known signed. */
export interface OpenedNote extends Note {
  /** by keys that are known, all of them checked */
  known: readonly NoteSignature[];
  /** by other keys: nobody checked these */
  unknown: readonly NoteSignature[];
}

/** Of a key of type Ed25519. */
export const ed25519Verifier = ({ name, id, publicKey }: VerifierKey): NoteVerifier => ({
  name,
  id,
  isSignature: (text, signature) => isEd25519(text, signature, publicKey),
});

/**
 * Checks every signature by a key that is known; one that is wrong spoils the note.
 * Throws TlogError: `note`, `signature`, `unsigned`.
 */
export function openNote(note: string | Uint8Array, verifiers: readonly NoteVerifier[]): OpenedNote {
  const parsed = parseNote(note);
  const text = Buffer.from(parsed.text, 'utf8');
  const known: NoteSignature[] = [];
  const unknown: NoteSignature[] = [];
  for (const each of parsed.signatures) {
    const verifiersOf = verifiers.filter(({ name, id }) => name === each.name && id === each.id);
    if (verifiersOf.some((verifier) => !verifier.isSignature(text, each.signature)))
      throw new TlogError('signature', `${each.name} did not sign this`);
    (verifiersOf.length > 0 ? known : unknown).push(each);
  }
  if (known.length === 0) throw new TlogError('unsigned', 'nobody who is known signed this note');
  return { ...parsed, known, unknown };
}
