import { Refusal } from '../refusal.js';

/**
 * The cells of a line (RFC 4180), without the blanks around them; an empty one is undefined. A quoted cell may hold
 * commas and doubled quotes, but no line end. Throws Refusal for quotes that do not fit.
 */
export function cellsOf(text: string): (string | undefined)[] {
  const cells: (string | undefined)[] = [];
  let rest = text.trim();
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"\s*(?=,|$)/.exec(rest);
    if (quoted === null && rest.startsWith('"'))
      throw new Refusal('line', 'a quote is not closed, or text follows it; a quote within quotes is written twice');
    const comma = rest.indexOf(',');
    const raw = quoted ? quoted[0] : comma < 0 ? rest : rest.slice(0, comma);
    const cell = (quoted ? (quoted[1] as string).replaceAll('""', '"') : raw).trim();
    if (quoted === null && cell.includes('"')) throw new Refusal('line', 'a quote within a cell that is not quoted');
    cells.push(cell === '' ? undefined : cell);
    if (raw.length === rest.length) return cells;
    rest = rest.slice(raw.length + 1).trimStart();
  }
}
