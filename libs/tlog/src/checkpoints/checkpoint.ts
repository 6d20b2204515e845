import { fromBase64, toBase64 } from '../hashing/base64.js';
import { HASH_BYTES, checkHash } from '../hashing/hash.js';
import type { TreeHead } from '../tree/tree-size.js';
import { MAX_TREE_SIZE, checkSize } from '../tree/tree-size.js';
import { TlogError } from '../tlog-error.js';

/** What a log says of its tree (C2SP tlog-checkpoint). */
export interface Checkpoint extends TreeHead {
  /** which log; the name of the key that signs, too */
  origin: string;
  /** lines of no meaning to others; better none */
  extensions?: readonly string[];
}

/** The text of the note. Throws TlogError: `checkpoint`, `size`, `hash`. */
export function formatCheckpoint({ origin, size, root, extensions = [] }: Checkpoint): string {
  const lines = [origin, String(checkSize(size)), toBase64(checkHash(root, 'the root')), ...extensions];
  for (const [at, line] of lines.entries())
    if (line === '' || line.includes('\n')) throw new TlogError('checkpoint', 'a line with something on it', at + 1);
  return lines.map((line) => `${line}\n`).join('');
}

/** Of a note that openNote gave. Throws TlogError `checkpoint`, with the line, or `size` for a tree too large. */
export function parseCheckpoint(text: string): Required<Checkpoint> {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length < 3)
    throw new TlogError('checkpoint', 'a checkpoint is an origin, a size and a root, each on its line');
  const empty = lines.indexOf('');
  if (empty >= 0) throw new TlogError('checkpoint', 'a checkpoint has no empty line', empty + 1);
  const [origin, size, root, ...extensions] = lines as [string, string, string, ...string[]];
  if (!/^(?:0|[1-9]\d*)$/.test(size))
    throw new TlogError('checkpoint', 'the size is a decimal number without leading zeros', 2);
  if (BigInt(size) > MAX_TREE_SIZE) throw new TlogError('size', `a tree has at most ${MAX_TREE_SIZE} leaves`, 2);
  const bytes = fromBase64(root);
  if (bytes?.length !== HASH_BYTES) throw new TlogError('checkpoint', `the root is ${HASH_BYTES} bytes in base64`, 3);
  return { origin, size: Number(size), root: Uint8Array.from(bytes), extensions };
}
