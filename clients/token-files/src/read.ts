import { decoded } from './decoded.js';
import { entriesIn } from './formats.js';
import type { Format } from './formats.js';
import { judgeEntry } from './judge-entry.js';
import type { Keys } from './keys.js';
import { TokenFileError } from './token-file-error.js';
import type { Refused, TokenLine } from './token-line.js';

export interface ReadOptions extends Keys {
  /** left out: told from the content */
  format?: Format;
}

/** Serials are remembered to find those given twice: a bound for the memory they take. */
const MOST_TOKENS = 1_000_000;

/**
 * Reads a token file: one TokenLine for each token in it, in the file's order. PSKC and CSV are read as they come, in
 * bounded memory. Throws TokenFileError when the file as a whole cannot be read, which may be after some lines: see
 * `survey`.
 */
export async function* read(
  input: AsyncIterable<Uint8Array>,
  { format, ...keys }: ReadOptions = {},
): AsyncGenerator<TokenLine, void, undefined> {
  const lineOf = new Map<string, number>();
  let isEmpty = true;
  for await (const entry of entriesIn(decoded(input), keys, format)) {
    isEmpty = false;
    const told = judgeEntry(entry);
    if (told.kind === 'refused') {
      yield told;
      continue;
    }
    const { line, serial } = told;
    const before = lineOf.get(serial);
    if (before !== undefined) {
      told.seed[Symbol.dispose]();
      yield { kind: 'refused', line, serial, field: 'serial', why: `given twice: it is on line ${before} too` };
      continue;
    }
    if (lineOf.size >= MOST_TOKENS) {
      told.seed[Symbol.dispose]();
      throw new TokenFileError('too_big', `more than ${MOST_TOKENS} tokens; split the file`);
    }
    lineOf.set(serial, line);
    yield told;
  }
  if (isEmpty) throw new TokenFileError('unrecognised', 'no token is in it');
}

export interface Survey {
  tokens: number;
  refused: Refused[];
}

/**
 * Reads to the end and keeps no seed. Whoever imports runs this first over the same file: a file that is cut short or
 * made with another key is then refused before anything is imported; the total, and what will be refused, is known.
 */
export async function survey(input: AsyncIterable<Uint8Array>, options: ReadOptions = {}): Promise<Survey> {
  const counted: Survey = { tokens: 0, refused: [] };
  for await (const told of read(input, options))
    if (told.kind === 'refused') counted.refused.push(told);
    else {
      counted.tokens += 1;
      told.seed[Symbol.dispose]();
    }
  return counted;
}
