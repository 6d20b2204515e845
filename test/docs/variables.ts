import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../tidy/workspaces.js';

/** A whole number that a service reads, as its code declares it. */
export interface DeclaredInteger {
  name: string;
  unit: string;
  min: number;
  max: number;
  fallback: number;
}

const READ = /\.(?:text|integer|secretFile|secretPath|jsonFile|oneOf|has)\(\s*'([A-Z][A-Z0-9_]*)'/g;
const INTEGER =
  /\.integer\(\s*'(\w+)',\s*\{\s*unit: '([^']+)',\s*min: (-?\w+),\s*max: (-?\w+),\s*fallback: (-?\w+),?\s*\}/g;

const source = (file: string): string => readFileSync(join(root, file), 'utf8');

/** The names of the variables that a file reads through Environment. */
export const variablesIn = (file: string): string[] =>
  [...new Set([...source(file).matchAll(READ)].map((match) => match[1] as string))].sort();

export function integersIn(file: string): DeclaredInteger[] {
  const text = source(file);
  const calls = text.match(/\.integer\(/g)?.length ?? 0;
  const found = [...text.matchAll(INTEGER)].map(([, name = '', unit = '', min = '', max = '', fallback = '']) => ({
    name,
    unit,
    min: numberIn(text, min),
    max: numberIn(text, max),
    fallback: numberIn(text, fallback),
  }));
  if (found.length !== calls) throw new Error(`${file} declares a whole number in a form that is not understood here`);
  return found;
}

/** `86_400_000`, `-DAY_MS`: a number, or a constant of the same file. */
function numberIn(text: string, written: string): number {
  const [, sign = '', name = ''] = /^(-?)(\w+)$/.exec(written) ?? [];
  const digits = /^\d/.test(name) ? name : (new RegExp(`const ${name} = ([\\d_]+);`).exec(text)?.[1] ?? '');
  return Number(`${sign}${digits.replace(/_/g, '')}`);
}
