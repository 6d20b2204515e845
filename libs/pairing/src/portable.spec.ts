import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const here = dirname(fileURLToPath(import.meta.url));
/** What a browser can load, and where @noble and @scure are all that is needed. */
const PORTABLE = ['portable', 'spake2plus', 'by-pin', 'two-step', 'invitation'];

const sourcesIn = (folder: string): string[] =>
  readdirSync(join(here, folder))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => join(folder, name));

/** Everything that these files load, directly or not; types are gone by then. */
function loadedBy(files: string[], seen = new Set<string>()): { files: Set<string>; packages: Set<string> } {
  const packages = new Set<string>();
  for (const file of files) {
    if (seen.has(file)) continue;
    seen.add(file);
    const source = readFileSync(join(here, file), 'utf8');
    for (const [, specifier] of source.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'/gm)) {
      if (!specifier!.startsWith('.')) packages.add(specifier!);
      else
        for (const each of loadedBy([join(dirname(file), specifier!.replace(/\.js$/, '.ts'))], seen).packages)
          packages.add(each);
    }
  }
  return { files: seen, packages };
}

test('what a browser is to run loads nothing of Node, and has no Buffer', () => {
  const { files, packages } = loadedBy(['portable.ts', ...PORTABLE.flatMap(sourcesIn)]);
  expect([...packages].filter((name) => !/^(@(noble|scure)\/|canonicalize$)/.test(name))).toEqual([]);
  expect([...packages]).toContain('@noble/hashes/scrypt.js');
  const code = (file: string) => readFileSync(join(here, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  expect([...files].filter((file) => /\bBuffer\b|\bprocess\b/.test(code(file)))).toEqual([]);
});
