import { readApp } from './apps/read-app.js';
import { readCsv } from './csv/read-csv.js';
import type { Entry } from './judge-entry.js';
import type { Keys } from './keys.js';
import { readPskc } from './pskc/read-pskc.js';
import { TokenFileError } from './token-file-error.js';

export const FORMATS = ['pskc', 'privacyidea-csv', 'yubico-csv', 'aegis', '2fas'] as const;
export type Format = (typeof FORMATS)[number];

/** The tokens of a file. A format that was not asked for by name is told by the first character that is no blank. */
export async function* entriesIn(pieces: Pieces, keys: Keys, format?: Format): AsyncGenerator<Entry> {
  const { first, all } = await begun(pieces);
  yield* readerOf(format, first)(all, keys);
}

type Pieces = AsyncGenerator<string, void, undefined>;
type Reader = (pieces: Pieces, keys: Keys) => AsyncIterable<Entry>;

function readerOf(format: Format | undefined, first: string): Reader {
  switch (format) {
    case 'pskc':
      return readPskc;
    case 'aegis':
    case '2fas':
      return (pieces, keys) => readApp(pieces, keys, format);
    case 'privacyidea-csv':
    case 'yubico-csv':
      return (pieces) => readCsv(pieces, format);
    case undefined:
      return first === '<' ? readPskc : first === '{' ? readApp : (pieces) => readCsv(pieces);
  }
}

const MOST_BLANKS = 64 * 1024;

async function begun(pieces: Pieces): Promise<{ first: string; all: Pieces }> {
  let head = '';
  while (head.trim() === '') {
    const { value, done } = await pieces.next();
    if (done) throw new TokenFileError('unrecognised', 'the file is empty');
    head += value;
    if (head.length > MOST_BLANKS && head.trim() === '')
      throw new TokenFileError('unrecognised', 'the file begins with too many blanks');
  }
  return { first: head.trimStart().charAt(0), all: chained(head, pieces) };
}

async function* chained(head: string, rest: Pieces): Pieces {
  try {
    yield head;
    yield* rest;
  } finally {
    await rest.return();
  }
}
