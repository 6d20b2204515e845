import type { Entry } from '../judge-entry.js';
import { Refusal } from '../refusal.js';
import { TokenFileError } from '../token-file-error.js';
import { cellsOf } from './cells.js';
import { linesOf } from './lines.js';
import type { Line } from './lines.js';
import { privacyideaEntry, WITH_USERS } from './privacyidea.js';
import { isLogStart, isYubico, yubicoEntry } from './yubico.js';

/** Of one row; an empty one is undefined. */
export type Cells = readonly (string | undefined)[];

/** One token a line; `#` begins a comment. The first row tells the layout, when none is given. */
export async function* readCsv(
  pieces: AsyncIterable<string>,
  given?: 'privacyidea-csv' | 'yubico-csv',
): AsyncGenerator<Entry> {
  let layout = given;
  let withUsers = false;
  for await (const each of linesOf(pieces)) {
    const { line } = each;
    if (each.kind === 'whole' && each.text.trimStart().startsWith('#')) {
      if (line === 1) withUsers = WITH_USERS.test(each.text.trim());
      continue;
    }
    const cells = cellsIn(each);
    if (cells instanceof Refusal) {
      yield { line, problem: cells };
      continue;
    }
    if (layout === undefined && cells.length < 2)
      throw new TokenFileError('unrecognised', `line ${line}: neither PSKC, CSV, nor an export of Aegis or 2FAS`);
    layout ??= !withUsers && isYubico(cells) ? 'yubico-csv' : 'privacyidea-csv';
    if (layout === 'privacyidea-csv') yield privacyideaEntry(line, cells, withUsers);
    else if (!isLogStart(cells)) yield yubicoEntry(line, cells);
  }
}

function cellsIn(line: Line): Cells | Refusal {
  switch (line.kind) {
    case 'too_long':
      return new Refusal('line', 'longer than any token needs');
    case 'cut':
      return new Refusal('line', 'the file ends within this line; if it is whole, put a line end after it');
    case 'whole':
      try {
        return cellsOf(line.text);
      } catch (error) {
        if (error instanceof Refusal) return error;
        throw error;
      }
  }
}
