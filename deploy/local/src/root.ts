import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone: this file is deploy/local/src/root.ts, built to deploy/local/dist/root.js. */
export const ROOT = resolve(fileURLToPath(import.meta.url), '..', '..', '..', '..');

/** A program of another package, run by path and never imported. */
export const programOf = (packageFolder: string, file: string): string => join(ROOT, packageFolder, 'dist', file);
