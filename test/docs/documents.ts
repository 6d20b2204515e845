import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../tidy/workspaces.js';

/** A fenced piece of a document. */
export interface Snippet {
  /** where it begins, for messages: `README.md:18` */
  at: string;
  file: string;
  /** the first word after the fence */
  language: string;
  /** the second: what to check it as */
  type: string | undefined;
  text: string;
}

const markdownIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => join(folder, name));

const rootFiles = readdirSync(root).filter((name) => name.endsWith('.md'));
const FOLDERS = ['docs', 'libs', 'services', 'clients', 'deploy', 'test'];

/** Every document, relative to the root. */
export const DOCUMENTS = [...rootFiles, ...FOLDERS.flatMap(markdownIn)].sort();

export const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** The text without what is fenced. */
export const proseOf = (file: string): string => textOf(file).replace(FENCE, '');

const FENCE = /^```([^\n]*)\n([\s\S]*?)^```$/gm;

export function snippetsIn(file: string): Snippet[] {
  const text = textOf(file);
  return [...text.matchAll(FENCE)].map((match) => {
    const [language = '', type] = (match[1] as string).trim().split(/\s+/);
    const line = text.slice(0, match.index).split('\n').length;
    return { at: `${file}:${line}`, file, language, type, text: match[2] as string };
  });
}

export const SNIPPETS = DOCUMENTS.flatMap(snippetsIn);

/** The rows of the first table under a heading whose first column has this title, each as its cells. */
export function tableRows(file: string, heading: string, firstColumn: string): string[][] {
  const section = textOf(file).split(/^(?=#{1,6} )/m);
  const found = section.find((part) => part.split('\n')[0]?.replace(/^#+ /, '') === heading);
  if (found === undefined) throw new Error(`${file} has no heading "${heading}"`);
  const lines = found.split('\n');
  const start = lines.findIndex((line) => cells(line)[0] === firstColumn);
  if (start < 0) throw new Error(`${file} has no table of ${firstColumn} under "${heading}"`);
  const rest = lines.slice(start + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, end < 0 ? undefined : end).map(cells);
}

function cells(line: string): string[] {
  if (!line.startsWith('|')) return [];
  return line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}

/** `name` without its backticks. */
export const bare = (cell = ''): string => cell.replace(/`/g, '');
/** What stands in backticks in a cell. */
export const quoted = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string);
