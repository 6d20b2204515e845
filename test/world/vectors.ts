import { readFileSync } from 'node:fs';

/** A table of test vectors; where it comes from stands in the file. */
export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8')) as T;
}
