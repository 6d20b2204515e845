import { SaxesParser } from 'saxes';
import { TokenFileError } from '../token-file-error.js';

/** An element of the file. Names are without their prefix: makers differ in namespaces, and no two names here meet. */
export interface Element {
  name: string;
  /** where it begins, from 1 */
  line: number;
  attributes: Record<string, string>;
  children: Element[];
  /** of itself, not of its children */
  text: string;
}

const DEEPEST = 32;
/** A package with everything in it takes a few thousand; what grows beyond is an attack on memory. */
const LONGEST_PART = 256 * 1024;

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/**
 * The parts of a key container (the children of its root), each as soon as it is whole: memory holds one piece of text
 * and the parts in it. Entities are XML's own five; a document type declaration, which could make others, is refused.
 * Throws TokenFileError, with the line but without the parser's words, which hold text of the file.
 */
export async function* partsOf(pieces: AsyncIterable<string>): AsyncGenerator<Element> {
  const parser = new SaxesParser();
  const open: Element[] = [];
  let parts: Element[] = [];
  let partEndedAt = 0;
  let line = 1;
  let ended = false;

  parser.on('doctype', () => {
    throw new TokenFileError('doctype', `line ${parser.line}: a document type declaration; no token file needs one`);
  });
  parser.on('error', () => {
    if (ended)
      throw new TokenFileError('truncated', `the file ends on line ${parser.line}, before its last closing tag`);
    throw new TokenFileError('malformed', `line ${parser.line}: not well-formed XML`);
  });
  parser.on('opentagstart', () => {
    line = parser.line;
  });
  parser.on('opentag', (tag) => {
    const element = { name: localName(tag.name), line, attributes: tag.attributes, children: [], text: '' };
    if (open.length === 0) checkRoot(element);
    if (open.length >= DEEPEST) throw new TokenFileError('too_big', `line ${line}: elements too deep in each other`);
    if (open.length > 1) open.at(-1)?.children.push(element);
    open.push(element);
  });
  const take = (text: string): void => {
    const element = open.at(-1);
    if (element && open.length > 1) element.text += text;
  };
  parser.on('text', take);
  parser.on('cdata', take);
  parser.on('closetag', () => {
    const element = open.pop();
    if (element === undefined || open.length !== 1) return;
    parts.push(element);
    partEndedAt = parser.position;
  });

  for await (const piece of pieces) {
    parser.write(piece);
    if (parser.position - partEndedAt > LONGEST_PART)
      throw new TokenFileError('too_big', `line ${parser.line}: more text than any token needs`);
    yield* parts;
    parts = [];
  }
  ended = true;
  parser.close();
  yield* parts;
}

function checkRoot({ name, attributes, line }: Element): void {
  if (name !== 'KeyContainer')
    throw new TokenFileError('unrecognised', `line ${line}: XML, but no key container (RFC 6030)`);
  if (!/^1(\.0)?$/.test(attributes['Version'] ?? '1.0'))
    throw new TokenFileError('unsupported', `line ${line}: another version of PSKC; 1.0 is read (RFC 6030)`);
}

/** The descendant at the end of a path of names, the first of each. */
export function find(element: Element | undefined, ...path: string[]): Element | undefined {
  return path.reduce((at, name) => at?.children.find((child) => child.name === name), element);
}

/** Its text without blanks around; undefined when it is not there or empty. */
export function textAt(element: Element | undefined, ...path: string[]): string | undefined {
  return find(element, ...path)?.text.trim() || undefined;
}
