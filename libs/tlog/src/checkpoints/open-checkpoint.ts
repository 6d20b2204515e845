import type { NoteSignature } from '../notes/note.js';
import type { NoteVerifier } from '../notes/open-note.js';
import { openNote } from '../notes/open-note.js';
import { TlogError } from '../tlog-error.js';
import type { Checkpoint } from './checkpoint.js';
import { parseCheckpoint } from './checkpoint.js';

export interface OpenedCheckpoint extends Required<Checkpoint> {
  /** by witnesses that are known, all of them checked */
  cosignatures: readonly NoteSignature[];
}

/**
 * A checkpoint that the log itself signed, and what witnesses who are known say of it. The log's key bears its origin.
 * Throws TlogError: `note`, `signature`, `unsigned`, `checkpoint`, `size`, `origin`.
 */
export function openCheckpoint(
  note: string | Uint8Array,
  log: NoteVerifier,
  witnesses: readonly NoteVerifier[] = [],
): OpenedCheckpoint {
  const { text, known } = openNote(note, [log, ...witnesses]);
  const isLog = ({ name, id }: NoteSignature) => name === log.name && id === log.id;
  if (!known.some(isLog)) throw new TlogError('unsigned', `${log.name} did not sign this checkpoint`);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== log.name)
    throw new TlogError('origin', `this is a checkpoint of ${checkpoint.origin}, not of ${log.name}`);
  return { ...checkpoint, cosignatures: known.filter((each) => !isLog(each)) };
}
