import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where a downloaded log lies; paths are those of C2SP tlog-tiles. */
export interface LogFiles {
  /** undefined where there is no such file */
  read(path: string): Uint8Array | undefined;
  /** what is in a folder; nothing where there is none */
  names(path: string): string[];
}

/** Throws what is no absence: a file that is there and cannot be read says nothing about the log. */
export const filesIn = (folder: string): LogFiles => ({
  read: (path) => orUndefined(() => readFileSync(join(folder, path))),
  names: (path) => orUndefined(() => readdirSync(join(folder, path))) ?? [],
});

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
