import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

export const root = resolve(import.meta.dirname, '..', '..');

interface Manifest {
  name: string;
  workspaces?: string[];
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** A workspace as its package.json and its sources say it is. */
export interface Workspace {
  folder: string; // relative to the root
  name: string; // of the package
  declared: string[]; // every dependency it may load when it runs
  imports: Import[];
}

export interface Import {
  file: string; // relative to the root
  specifier: string; // as written
  kind: 'code' | 'test';
}

export function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
}

/** Every workspace that the root's package.json lists. */
export function workspaces(): Workspace[] {
  const folders = (manifest('.').workspaces ?? []).flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern];
    const parent = pattern.slice(0, -'/*'.length);
    return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
  });
  return folders
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => {
      const { name, dependencies, optionalDependencies, peerDependencies } = manifest(folder);
      const declared = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
      const imports = sourcesOf(folder).flatMap((file) =>
        importsOf(readFileSync(join(root, file), 'utf8')).map((specifier) => ({ file, specifier, kind: kindOf(file) })),
      );
      return { folder, name, declared, imports };
    });
}

/** Whatever a module names: import, export from, import(), require(), import type. */
export function importsOf(source: string): string[] {
  return ts.preProcessFile(source, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** `@scope/name` or `name` of an import that is neither relative nor Node's own. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The file a relative import leads to, relative to the root. */
export function target({ file, specifier }: Import): string {
  return relative(root, resolve(root, dirname(file), specifier));
}

function sourcesOf(folder: string): string[] {
  const skipped = new Set(['node_modules', 'dist', 'vectors']);
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return skipped.has(entry.name) || isForeign(path) ? [] : sourcesOf(path);
    return /\.m?ts$/.test(entry.name) ? [path] : [];
  });
}

/** A folder inside a workspace that is somebody else's project: the testkit's example. */
const isForeign = (folder: string): boolean =>
  folder.split('/').length > 2 && existsSync(join(root, folder, 'package.json'));

function kindOf(file: string): Import['kind'] {
  return /\.(?:spec|suite)\.ts$|(?:^|\/)test\//.test(file) ? 'test' : 'code';
}
