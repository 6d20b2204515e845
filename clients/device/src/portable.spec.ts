import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const ours = /^@countersign\/([a-z]+)\/portable$/;

/** The packages of others that this file's code loads, through every file and library of ours; types are gone by then. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  const source = readFileSync(join(root, file), 'utf8');
  for (const [, specifier = ''] of source.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'/gm)) {
    const library = ours.exec(specifier)?.[1];
    const next = library
      ? `libs/${library}/src/portable.ts`
      : specifier.startsWith('.') && join(dirname(file), specifier.replace(/\.js$/, '.ts'));
    if (!next) packages.add(specifier);
    else for (const each of packagesOf(next, seen)) packages.add(each);
  }
  return packages;
}

test('what a browser loads of this library is ours and arithmetic, and nothing of Node', () => {
  const seen = new Set<string>();
  const packages = packagesOf('clients/device/src/index.ts', seen);
  expect([...packages].filter((name) => !/^(@(noble|scure)\/|canonicalize$)/.test(name))).toEqual([]);
  for (const library of ['oath', 'pairing', 'contracts', 'runtime'])
    expect(seen).toContain(`libs/${library}/src/portable.ts`);
  const code = (file: string): string => readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  expect([...seen].filter((file) => /\bBuffer\b|\bprocess\b/.test(code(file)))).toEqual([]);
});
