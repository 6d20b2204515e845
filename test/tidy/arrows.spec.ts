import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { ARROWS, HSM_HOLDER, NEST_HALF_OF_THE_BUS, OFFLINE, PURE } from './arrows.mjs';
import { importsOf, manifest, packageOf, root, target, workspaces } from './workspaces.js';

const all = workspaces();
const folderOf = new Map(all.map(({ name, folder }) => [name, folder]));

test('every workspace has its row in the table of arrows, and every row its workspace', () => {
  expect(all.map(({ folder }) => folder).sort()).toEqual(Object.keys(ARROWS).sort());
});

test('the reader of imports sees every way of importing', () => {
  const source = `import a from 'a'; import type { B } from 'b'; export * from 'c'; import 'd'; await import('e'); require('f');`;
  expect(importsOf(source).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

test('the arrows make no circle', () => {
  const reaches = (from: string, seen: string[]): string[] =>
    (ARROWS[from] ?? []).flatMap((to) =>
      seen.includes(to) ? [[...seen, to].join(' > ')] : reaches(to, [...seen, to]),
    );
  expect(Object.keys(ARROWS).flatMap((folder) => reaches(folder, [folder]))).toEqual([]);
});

describe.each(all)('$folder', ({ folder, name, declared, imports }) => {
  const allowed = [folder, ...(ARROWS[folder] ?? [])];

  test('declares only workspaces it may import', () => {
    const ours = declared.filter((each) => folderOf.has(each));
    expect(ours.filter((each) => !allowed.includes(folderOf.get(each) ?? ''))).toEqual([]);
  });

  test('imports only workspaces it may import, by their names', () => {
    const wrong = imports.filter((each) => {
      if (each.specifier.startsWith('.')) return !`${target(each)}/`.startsWith(`${folder}/`) && folder !== 'test';
      const to = folderOf.get(packageOf(each.specifier) ?? '');
      return to !== undefined && !allowed.includes(to);
    });
    expect(wrong).toEqual([]);
  });

  test('declares every package that its code imports', () => {
    // a test may also use the tools at the root, and what the workspaces below its own are made of
    const below = all.filter((each) => allowed.includes(each.folder)).flatMap((each) => each.declared);
    const forTests = [...Object.keys(manifest('.').devDependencies ?? {}), ...below];
    const undeclared = imports.filter(({ specifier, kind }) => {
      const wanted = packageOf(specifier);
      if (wanted === undefined || wanted === name) return false;
      return !declared.includes(wanted) && !(kind === 'test' && forTests.includes(wanted));
    });
    expect(undeclared).toEqual([]);
  });
});

test('only key-derivation depends on pkcs11js, or imports it', () => {
  const holders = all.filter(
    ({ declared, imports }) =>
      declared.includes('pkcs11js') || imports.some(({ specifier }) => packageOf(specifier) === 'pkcs11js'),
  );
  expect(holders.map(({ folder }) => folder)).toEqual([HSM_HOLDER]);
  const { dependencies, devDependencies } = manifest('.');
  expect(Object.keys({ ...dependencies, ...devDependencies })).not.toContain('pkcs11js');
});

test('the heart imports contracts, runtime and itself, and nothing else', () => {
  const heart = all.filter(({ folder }) => folder === PURE).flatMap(({ imports }) => imports);
  const code = heart.filter(({ kind }) => kind === 'code');
  expect(code.length).toBeGreaterThan(0);
  const others = code.filter(
    ({ specifier }) =>
      !/^(?:\.{1,2}\/|@countersign\/(?:contracts|runtime)$)/.test(specifier) || builtinModules.includes(specifier),
  );
  expect(others).toEqual([]);
});

test('the offline verifier reads files and computes: neither it nor the log it imports can reach anybody', () => {
  const code = all
    .filter(({ folder }) => [OFFLINE, 'libs/tlog'].includes(folder))
    .flatMap(({ imports }) => imports.filter(({ kind }) => kind === 'code'));
  expect(code.length).toBeGreaterThan(0);
  const allowed = /^(?:\.{1,2}\/|@countersign\/tlog$|node:(?:crypto|fs|path)$)/;
  expect(code.filter(({ specifier }) => !allowed.test(specifier))).toEqual([]);
  const files = new Set(code.map(({ file }) => file).filter((file) => file.startsWith(OFFLINE)));
  const reaching = [...files].filter((file) =>
    /\b(?:fetch|WebSocket|EventSource|globalThis|process)\b/.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(reaching).toEqual([]);
});

test('the half of the bus that needs Nest is imported by services only', () => {
  const outside = all
    .filter(({ folder }) => !folder.startsWith('services/') && folder !== 'test')
    .flatMap(({ imports }) => imports.filter(({ specifier }) => specifier === NEST_HALF_OF_THE_BUS));
  expect(outside).toEqual([]);
});
