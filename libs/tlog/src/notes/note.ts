import { fromBase64, toBase64 } from '../hashing/base64.js';
import { TlogError } from '../tlog-error.js';
import { isKeyName } from './key-name.js';

/** As Go's note package: an attacker's note costs no more than this. 16 post-quantum signatures are 80 KB. */
export const MAX_NOTE_BYTES = 1_000_000;
export const MAX_SIGNATURES = 100;

const ID_BYTES = 4;
const DASH = '—'; // U+2014

/** Who signed, by name and id of the key, and what the algorithm made. */
export interface NoteSignature {
  name: string;
  id: number;
  signature: Uint8Array;
}

/** Text that keys signed. Believe it after openNote only. */
export interface Note {
  /** ends with a newline */
  text: string;
  signatures: readonly NoteSignature[];
}

/** One way of writing each note, as the specification has it. Throws TlogError `note`, with the line. */
export function parseNote(note: string | Uint8Array): Note {
  const whole = readText(note);
  const split = whole.lastIndexOf('\n\n');
  const lines = whole.slice(split + 2).split('\n');
  if (split < 1 || lines.pop() !== '' || lines.length === 0)
    throw new TlogError('note', 'a note is text, an empty line, and lines of signatures, each ended by a newline');
  if (lines.length > MAX_SIGNATURES)
    throw new TlogError('note', `a note has at most ${MAX_SIGNATURES} signatures, not ${lines.length}`);
  const text = whole.slice(0, split + 1);
  const before = text.split('\n').length;
  return { text, signatures: lines.map((line, at) => parseSignature(line, before + 1 + at)) };
}

/** Throws TlogError `note` for what parseNote would not read again. */
export function formatNote({ text, signatures }: Note): string {
  const lines = signatures.map(({ name, id, signature }) => {
    const idBytes = Buffer.alloc(ID_BYTES);
    idBytes.writeUInt32BE(id);
    return `${DASH} ${name} ${toBase64(Buffer.concat([idBytes, signature]))}\n`;
  });
  const note = `${text}\n${lines.join('')}`;
  if (parseNote(note).text !== text) throw new TlogError('note', 'the text of a note ends with a newline');
  return note;
}

function parseSignature(line: string, number: number): NoteSignature {
  const [dash, name = '', encoded = '', ...more] = line.split(' ');
  const bytes = fromBase64(encoded);
  if (dash !== DASH || !isKeyName(name) || bytes === undefined || bytes.length <= ID_BYTES || more.length > 0)
    throw new TlogError('note', 'a signature is written: — name base64', number);
  return { name, id: bytes.readUInt32BE(), signature: Uint8Array.from(bytes.subarray(ID_BYTES)) };
}

/** A byte order mark is a character like others, or a changed note would read as the one that was signed. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readText(note: string | Uint8Array): string {
  const bytes = typeof note === 'string' ? Buffer.from(note, 'utf8') : note;
  if (bytes.length > MAX_NOTE_BYTES)
    throw new TlogError('note', `a note has at most ${MAX_NOTE_BYTES} bytes, not ${bytes.length}`);
  const text = typeof note === 'string' ? note : decode(note);
  const wrong = /[\0-\x09\x0b-\x1f\p{Surrogate}]/u.exec(text);
  if (wrong !== null)
    throw new TlogError(
      'note',
      'a note is UTF-8 without control characters',
      text.slice(0, wrong.index).split('\n').length,
    );
  return text;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new TlogError('note', 'a note is UTF-8');
  }
}
