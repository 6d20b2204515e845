import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

const TAIL_BYTES = 4096;

export const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

/** What was written to a log since it had `from` bytes. */
export function textSince(path: string, from: number): string {
  if (!existsSync(path)) return '';
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - from));
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, from));
  } finally {
    closeSync(file);
  }
}

/** The last lines of a log, for a person who has to see why a process ended. */
export function lastLines(path: string, from: number, lines = 8): string {
  const text = textSince(path, Math.max(from, sizeOf(path) - TAIL_BYTES));
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
