import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { sleep } from '@countersign/runtime';

const TAIL_BYTES = 256 * 1024;
const LOOK_EVERY_MS = 200;

/** The last `count` whole lines of a log, of its last 256 KiB at most. */
export function lastLinesOf(path: string, count: number): string[] {
  const { text, from } = readFrom(path, (size) => Math.max(0, size - TAIL_BYTES));
  const lines = text.split('\n').filter((line) => line !== '');
  if (from > 0) lines.shift(); // begun before
  return count === 0 ? [] : lines.slice(-count);
}

/** Tells each new line of each file as it comes; never resolves. A file made anew is read from its beginning. */
export async function followFiles(paths: string[], tell: (path: string, line: string) => void): Promise<never> {
  const read = paths.map((path) => ({ path, at: readFrom(path, (size) => size).size, rest: '' }));
  for (;;) {
    for (const each of read) {
      const { text, size } = readFrom(each.path, (now) => (now < each.at ? 0 : each.at));
      each.at = size;
      const lines = (each.rest + text).split('\n');
      each.rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') tell(each.path, line);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function readFrom(path: string, start: (size: number) => number): { text: string; from: number; size: number } {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const from = start(size);
    const bytes = Buffer.alloc(size - from);
    const length = readSync(file, bytes, 0, bytes.length, from);
    return { text: bytes.toString('utf8', 0, length), from, size: from + length };
  } finally {
    closeSync(file);
  }
}
