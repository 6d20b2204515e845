/** One line of a text file. `cut`: the file ends in it, without a line end, so that nobody knows whether it is whole. */
export type Line =
  { kind: 'whole'; line: number; text: string } | { kind: 'cut'; line: number } | { kind: 'too_long'; line: number };

const LONGEST = 4096;

/** The lines of a text that comes in pieces, in bounded memory. Blank ones are left out. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<Line> {
  let line = 1;
  let open = '';
  let tooLong = false;
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
      const text = open + piece.slice(start, end);
      if (tooLong || text.length > LONGEST) yield { kind: 'too_long', line };
      else if (text.trim() !== '') yield { kind: 'whole', line, text };
      open = '';
      tooLong = false;
      line += 1;
      start = end + 1;
    }
    open += piece.slice(start);
    if (open.length > LONGEST) {
      open = '';
      tooLong = true;
    }
  }
  if (tooLong) yield { kind: 'too_long', line };
  else if (open.trim() !== '') yield { kind: 'cut', line };
}
