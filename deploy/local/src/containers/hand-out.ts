import { copyFileSync, existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { StateFolder } from '../folder.js';
import { privateFolder, writePrivate } from '../private-files.js';
import type { Part } from './parts.js';

/** Puts a part's files, and its variables, into its own folder below `handed`. What is there is written anew. */
export function handOut(folder: StateFolder, { name, files, rooms, variables }: Part, handed: string): void {
  const own = join(handed, name);
  const placed = (path: string): string => join(own, relative(folder.path, path));
  for (const room of rooms) privateFolder(placed(room));
  for (const file of new Set(files)) {
    if (!existsSync(file)) throw new Error(`${name} needs ${file}, which is not made`);
    privateFolder(dirname(placed(file)));
    copyFileSync(file, placed(file));
  }
  if (!variables) return;
  const lines = Object.entries(variables).map(([variable, value]) => `${variable}="${value}"\n`);
  writePrivate(join(own, 'variables'), lines.join(''));
}
