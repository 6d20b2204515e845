/** What a template may show. */
export const PLACEHOLDERS = ['code', 'minutes', 'purpose', 'amount', 'payee'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];
export type Values = Partial<Record<Placeholder, string>>;

/** What a person reads. */
export interface Words {
  /** one line */
  subject: string;
  text: string;
  html?: string;
}

/** A file of a template, or its problem and where it is. */
type Parsed = { kind: 'pieces'; pieces: Piece[] } | { kind: 'wrong'; line: number; problem: string };
type Piece = { kind: 'words'; words: string } | { kind: 'value'; name: Placeholder };

/** Text with `{{placeholders}}`. There are no conditions: what is shown differently is another template. */
export class Template {
  private constructor(
    private readonly subject: Piece[],
    private readonly text: Piece[],
    private readonly html: Piece[] | undefined,
  ) {}

  /**
   * `text`: a line `Subject: …`, an empty line, and the words. `html`: the same words as a page. Gives each problem with the
   * file it is in and the line, instead of a template.
   */
  static parse(text: string, html?: string): Template | { file: 'text' | 'html'; line: number; problem: string } {
    const [first = '', second, ...rest] = text.split(/\r?\n/);
    const subject = /^Subject: (\S.*)$/.exec(first)?.[1];
    if (subject === undefined) return { file: 'text', line: 1, problem: 'it should be "Subject: " and a subject' };
    if (second !== '') return { file: 'text', line: 2, problem: 'it should be empty' };
    const [head, body] = [parse(subject, 1), parse(rest.join('\n').trimEnd() + '\n', 3)];
    for (const part of [head, body]) if (part.kind === 'wrong') return { file: 'text', ...part };
    const page = html === undefined ? undefined : parse(html, 1);
    if (page?.kind === 'wrong') return { file: 'html', ...page };
    if (!shows(body, 'code')) return { file: 'text', line: 3, problem: 'the words should show {{code}}' };
    if (page && !shows(page, 'code')) return { file: 'html', line: 1, problem: 'the page should show {{code}}' };
    return new Template(piecesOf(head), piecesOf(body), page && piecesOf(page));
  }

  /** The placeholders without which it says nothing sensible. */
  get needs(): Set<Placeholder> {
    const pieces = [...this.subject, ...this.text, ...(this.html ?? [])];
    return new Set(pieces.flatMap((piece) => (piece.kind === 'value' ? [piece.name] : [])));
  }

  /** `values` has all that it needs. Each is made harmless for where it stands. */
  render(values: Values): Words {
    return {
      subject: fill(this.subject, values, inOneLine),
      text: fill(this.text, values, inOneLine),
      ...(this.html && { html: fill(this.html, values, inHtml) }),
    };
  }
}

function parse(text: string, firstLine: number): Parsed {
  const pieces: Piece[] = [];
  let line = firstLine;
  for (const part of text.split(/(\{\{.*?\}\})/s)) {
    const name = /^\{\{(.*)\}\}$/s.exec(part)?.[1];
    if (name === undefined && part.includes('{{')) {
      const before = part.slice(0, part.indexOf('{{'));
      return { kind: 'wrong', line: line + newlines(before), problem: 'a {{ without }}' };
    }
    if (name === undefined) pieces.push({ kind: 'words', words: part });
    else if (isPlaceholder(name)) pieces.push({ kind: 'value', name });
    else
      return {
        kind: 'wrong',
        line,
        problem: `there is no {{${name.slice(0, 32)}}}; there are ${PLACEHOLDERS.join(', ')}`,
      };
    line += newlines(part);
  }
  return { kind: 'pieces', pieces };
}

const newlines = (text: string): number => text.split('\n').length - 1;
const isPlaceholder = (name: string): name is Placeholder => (PLACEHOLDERS as readonly string[]).includes(name);
const piecesOf = (parsed: Parsed): Piece[] => (parsed.kind === 'pieces' ? parsed.pieces : []);
const shows = (parsed: Parsed, name: Placeholder): boolean =>
  piecesOf(parsed).some((piece) => piece.kind === 'value' && piece.name === name);

const fill = (pieces: Piece[], values: Values, harmless: (value: string) => string): string =>
  pieces.map((piece) => (piece.kind === 'words' ? piece.words : harmless(values[piece.name] ?? ''))).join('');

/** No value begins a line of its own, of a header least of all, or turns the writing round. */
const inOneLine = (value: string): string => value.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}]+/gu, ' ');

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** In text between tags, and in an attribute's value in quotes (HTML, section 13.1). */
const inHtml = (value: string): string =>
  inOneLine(value).replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
