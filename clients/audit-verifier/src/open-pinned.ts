import { TlogError, openCheckpoint, parseNote, verifierOf } from '@countersign/tlog';
import type { NoteVerifier, OpenedCheckpoint, VerifierKey } from '@countersign/tlog';
import type { Finding } from './finding.js';

export type Pinned = { kind: 'opened'; checkpoint: OpenedCheckpoint } | { kind: 'refused'; finding: Finding };

/** Opens a checkpoint that the one key which is believed must have signed, or says why not. */
export function openPinned(note: string | Uint8Array, key: VerifierKey): Pinned {
  const verifier = verifierOf(key);
  try {
    return { kind: 'opened', checkpoint: openCheckpoint(note, verifier) };
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    return { kind: 'refused', finding: refusal(error, note, verifier) };
  }
}

function refusal(error: TlogError, note: string | Uint8Array, verifier: NoteVerifier): Finding {
  if (error.kind === 'origin') return { kind: 'other-key', text: `the checkpoint is of another log: ${error.message}` };
  if (error.kind !== 'unsigned') return { kind: 'changed', text: `the checkpoint was changed: ${error.message}` };
  const { text, signatures } = parseNote(note);
  const bytes = Buffer.from(text, 'utf8');
  if (signatures.some(({ signature }) => verifier.isSignature(bytes, signature)))
    return { kind: 'changed', text: 'the checkpoint was changed: the key signed it, under its own name and id' };
  const signers = signatures.map(({ name, id }) => `${name}+${id.toString(16).padStart(8, '0')}`);
  return { kind: 'other-key', text: `the checkpoint is not by the key given, but by ${signers.join(', ')}` };
}
