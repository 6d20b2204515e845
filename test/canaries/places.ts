import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

const PIECE_BYTES = 4 * 1024 * 1024;

/** Every file below a folder, by its path within. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

export function piecesOf(path: string): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: PIECE_BYTES }) as AsyncIterable<Buffer>;
}

/** Whether this system shows one process's memory to another of the same user: Linux does. */
export const showsMemory = existsSync('/proc/self/mem');

/** A process's memory that can be written: heaps, stacks, buffers. Code and mapped libraries hold nothing of ours. */
export async function* memoryOf(pid: number): AsyncGenerator<Buffer> {
  const maps = await readFile(`/proc/${pid}/maps`, 'utf8');
  const memory = await open(`/proc/${pid}/mem`, 'r');
  const piece = Buffer.alloc(PIECE_BYTES);
  try {
    for (const [, from, to] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gm)) {
      const end = parseInt(to as string, 16); // below 2^47: exact
      for (let at = parseInt(from as string, 16); at < end; at += PIECE_BYTES) {
        const { bytesRead } = await memory.read(piece, 0, Math.min(PIECE_BYTES, end - at), at).catch(unmapped);
        yield* written(piece.subarray(0, bytesRead));
      }
    }
  } finally {
    await memory.close();
  }
}

const BLOCK_BYTES = 64 * 1024;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** Without the blocks that were never written to, of which there are many: no pattern holds so many zeros. */
function* written(piece: Buffer): Generator<Buffer> {
  let from = 0;
  for (let at = 0; at < piece.length; at += BLOCK_BYTES) {
    const end = Math.min(at + BLOCK_BYTES, piece.length);
    if (piece.compare(ZEROS, 0, end - at, at, end) !== 0) continue;
    if (at > from) yield piece.subarray(from, at);
    from = end;
  }
  if (piece.length > from) yield piece.subarray(from);
}

/** A region that went between the look at the map and the read. */
function unmapped(error: NodeJS.ErrnoException): { bytesRead: number } {
  if (error.code === 'EIO') return { bytesRead: 0 };
  throw error;
}
